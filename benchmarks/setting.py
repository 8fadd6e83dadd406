"""The models and data that all cases run on: the reference encoder and the sample corpus."""

import itertools
import json
from pathlib import Path
from typing import Any

import allennlp_models.rc  # noqa: F401  (registers the reader of questions)
import torch
from allennlp.common import Params
from allennlp.common.file_utils import cached_path
from allennlp.data import Batch, DatasetReader, Instance, Vocabulary
from allennlp.models import Model

import facade_allennlp.plugin  # noqa: F401  (registers everything)
from facade_allennlp.attribution import AttributionMethod, ExplainedModel
from facade_allennlp.attribution.batches import batches_of

CONFIGS = "training_configs/demo"
SENTENCES = "package://facade_allennlp/corpora/reviews/validation.jsonl"


class Setting:
    """
    The predictive and the facade model with random output layers, and the validation sentences in
    batches of like length.
    """

    def __init__(self, max_batch_tokens: int = 1024) -> None:
        torch.manual_seed(0)
        self.max_batch_tokens = max_batch_tokens
        config = Params.from_file(f"{CONFIGS}/predictive.jsonnet")
        self.reader = DatasetReader.from_params(config.pop("dataset_reader"))
        self.instances: list[Instance] = list(self.reader.read(SENTENCES))
        self.vocabulary = _indexed(self.instances)
        self.predictive = Model.from_params(config.pop("model"), vocab=self.vocabulary).eval()
        config = Params.from_file(f"{CONFIGS}/facade.jsonnet")
        self.facade: Any = Model.from_params(config.pop("model"), vocab=self.vocabulary).eval()
        self.batches = [
            dict(Batch([self.instances[index] for index in indices]).as_tensor_dict())
            for indices in batches_of(self.instances, max_batch_tokens)
        ]

    def attribute(self, method: AttributionMethod) -> None:
        """Explains all batches by the predictive model, in passes that are no larger than they."""
        explained = ExplainedModel(self.predictive)
        for batch in self.batches:
            method.attribute(explained.with_budget(self.max_batch_tokens), batch)


class QuestionSetting:
    """
    A model that answers questions, with a random output layer, and a batch of texts that are as
    long as its reader lets them be.
    """

    def __init__(self, questions: int = 4) -> None:
        torch.manual_seed(0)
        config = Params.from_file("training_configs/question_answering/predictive.jsonnet")
        reader: Any = DatasetReader.from_params(config.pop("dataset_reader"))
        lines = Path(cached_path(SENTENCES)).read_text(encoding="utf-8").splitlines()
        passage = " ".join(json.loads(line)["text"] for line in lines)
        made = reader.make_instances("0", "What is it about?", [], passage, None)
        instances: list[Instance] = list(itertools.islice(made, questions))
        for instance in instances:
            reader.apply_token_indexers(instance)
        vocabulary = _indexed(instances)
        self.model = Model.from_params(config.pop("model"), vocab=vocabulary).eval()
        self.batch = dict(Batch(instances).as_tensor_dict())


def _indexed(instances: list[Instance]) -> Vocabulary:
    """The vocabulary of the instances, which have its indices then."""
    vocabulary = Vocabulary.from_instances(instances)
    for instance in instances:
        instance.index_fields(vocabulary)
    return vocabulary

"""The models and data that all cases run on: the reference encoder and the sample corpus."""

from typing import Any

import torch
from allennlp.common import Params
from allennlp.data import Batch, DatasetReader, Instance, Vocabulary
from allennlp.models import Model

import facade_allennlp  # noqa: F401  (registers everything)
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
        config = Params.from_file(f"{CONFIGS}/predictive.jsonnet")
        self.reader = DatasetReader.from_params(config.pop("dataset_reader"))
        self.instances: list[Instance] = list(self.reader.read(SENTENCES))
        self.vocabulary = Vocabulary.from_instances(self.instances)
        for instance in self.instances:
            instance.index_fields(self.vocabulary)
        self.predictive = Model.from_params(config.pop("model"), vocab=self.vocabulary).eval()
        config = Params.from_file(f"{CONFIGS}/facade.jsonnet")
        self.facade: Any = Model.from_params(config.pop("model"), vocab=self.vocabulary).eval()
        self.batches = [
            dict(Batch([self.instances[index] for index in indices]).as_tensor_dict())
            for indices in batches_of(self.instances, max_batch_tokens)
        ]


def token_ids(batch: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The tensors of a batch's one text field."""
    return batch["tokens"]["tokens"]

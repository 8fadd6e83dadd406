from collections import Counter
from typing import Optional
from weakref import WeakKeyDictionary

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.models import Model
from torch import Tensor

from facade_allennlp.attribution.attribution import FieldTokens
from facade_allennlp.attribution.baselines.baseline import Baseline, embedded
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.sources import corpus
from facade_allennlp.targets import EveryToken

Words = dict[str, tuple[Tensor, Tensor]]
"""
The token ids of a corpus and the share of each among its words, by the namespace of the ids. Each
of shape (ids,).
"""


@Baseline.register("mean")
class Mean(Baseline):
    """
    The mean word embedding of a corpus, of which special tokens are no part. What is left of
    gradient × (input - mean) is what tells a token from others; that there is a token at all, which
    a facade can read, is taken away.

    # Parameters

    corpus : `str`
        A file or address, as `measure --data`. Some hundred texts will do.
    reader : `DatasetReader`, optional (default = that of the model's archive)
        What reads the corpus.
    keep_special : `bool`, optional (default = `False`)
        See `Baseline`.

    # Raises

    `ConfigurationError` : when it is first used: no reader is known, or the corpus has no word.
    """

    def __init__(
        self, corpus: str, reader: Optional[DatasetReader] = None, keep_special: bool = False
    ) -> None:
        super().__init__(keep_special)
        self.corpus = corpus
        self.reader = reader
        self._words: WeakKeyDictionary[Model, Words] = WeakKeyDictionary()

    def prepare(self, model: ExplainedModel) -> None:
        if model.model not in self._words:
            self._words[model.model] = self._counted(model)

    def vector(self, model: ExplainedModel, namespace: str) -> Tensor:
        words = self._words[model.model]
        if namespace not in words:
            raise ConfigurationError(f"{self.corpus}: there is no word to take the mean of")
        ids, shares = words[namespace]
        vectors = embedded(model, ids, self)  # shape: (ids, features)
        return shares.to(vectors) @ vectors

    def _counted(self, model: ExplainedModel) -> Words:
        reader = self.reader or model.dataset_reader
        if reader is None:
            raise ConfigurationError(
                f"the baseline {self.name!r} has no reader for {self.corpus}: give it one, as "
                "`reader` in its config"
            )
        instances = corpus.read(reader, self.corpus)
        corpus.index(instances, model.model.vocab, self.corpus)
        counts: dict[str, Counter[int]] = {}
        for _, inputs in in_batches(model, list(instances.values())):
            with torch.no_grad():
                forward = model.run(model.without_labels(inputs))
            for field in map(FieldTokens.of, forward.fields):
                words = field.ids[field.marked(model.reader, EveryToken().positions)]
                counts.setdefault(field.namespace, Counter()).update(words.tolist())
        return {
            namespace: (
                torch.tensor(list(counter)),
                torch.tensor(list(counter.values()), dtype=torch.float64) / counter.total(),
            )
            for namespace, counter in counts.items()
            if counter
        }

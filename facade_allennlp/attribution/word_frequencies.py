"""How often each token is one of the words of a corpus."""

from collections import Counter
from collections.abc import Sequence
from typing import Optional
from weakref import WeakKeyDictionary

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance
from allennlp.models import Model
from torch import Tensor

from facade_allennlp.attribution.attribution import FieldTokens
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.sources import corpus
from facade_allennlp.targets import EveryToken

Frequencies = dict[str, tuple[Tensor, Tensor]]
"""
The token ids of a corpus, in ascending order, and the share of each among its words, by the
namespace of the ids. Special tokens are no words. Each of shape (ids,).
"""


def frequencies(model: ExplainedModel, instances: Sequence[Instance]) -> Frequencies:
    """Those of indexed instances; a namespace without a word has none."""
    counts: dict[str, Counter[int]] = {}
    for _, inputs in in_batches(model, instances):
        with torch.no_grad():
            forward = model.run(model.without_labels(inputs))
        for field in map(FieldTokens.of, forward.fields):
            words = field.ids[field.marked(model.reader, EveryToken().positions)]
            counts.setdefault(field.namespace, Counter()).update(words.tolist())
    return {
        namespace: (
            torch.tensor(sorted(counter)),
            torch.tensor([counter[i] for i in sorted(counter)], dtype=torch.float64)
            / counter.total(),
        )
        for namespace, counter in counts.items()
        if counter
    }


class WordFrequencies:
    """
    The word frequencies of a file, counted once for each model.

    # Parameters

    corpus : `str`
        A file or address, as `measure --data`.
    reader : `DatasetReader`, optional (default = that of the model's archive)
        What reads the corpus.
    asker : `str`
        Who asks, for messages.
    """

    def __init__(self, corpus: str, reader: Optional[DatasetReader], asker: str) -> None:
        self.corpus = corpus
        self._reader = reader
        self._asker = asker
        self._known: WeakKeyDictionary[Model, Frequencies] = WeakKeyDictionary()

    def count(self, model: ExplainedModel) -> None:
        """
        Reads the corpus, which needs passes of the model.

        # Raises

        `ConfigurationError` : no reader is known, or it cannot read the corpus.
        """
        if model.model not in self._known:
            reader = self._reader or model.dataset_reader
            if reader is None:
                raise ConfigurationError(
                    f"{self._asker} has no reader for {self.corpus}: give it one, as `reader` in "
                    "its config"
                )
            instances = corpus.read(reader, self.corpus)
            corpus.index(instances, model.model.vocab, self.corpus)
            self._known[model.model] = frequencies(model, list(instances.values()))

    def of(self, model: ExplainedModel, namespace: str) -> tuple[Tensor, Tensor]:
        """
        Ids and shares, once they are counted. Each of shape (ids,).

        # Raises

        `ConfigurationError` : the corpus has no word.
        """
        words = self._known[model.model]
        if namespace not in words:
            raise ConfigurationError(f"{self.corpus}: {self._asker} finds no word in it")
        return words[namespace]

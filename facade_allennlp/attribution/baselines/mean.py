from typing import Optional

from allennlp.data import DatasetReader
from torch import Tensor

from facade_allennlp.attribution.baselines.baseline import Baseline, embedded
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.word_frequencies import WordFrequencies


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
        self._words = WordFrequencies(corpus, reader, "the baseline 'mean'")

    def prepare(self, model: ExplainedModel) -> None:
        self._words.count(model)

    def vector(self, model: ExplainedModel, namespace: str) -> Tensor:
        ids, shares = self._words.of(model, namespace)
        vectors = embedded(model, ids, self)  # shape: (ids, features)
        return shares.to(vectors) @ vectors

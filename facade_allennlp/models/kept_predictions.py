"""How many of a model's predictions are left where it was merged with noise."""

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.models import Model

from facade_allennlp.attribution import ExplainedModel, explained_model
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.models.drawn_texts import drawn_texts
from facade_allennlp.models.sum_check import LENGTHS
from facade_allennlp.number import number

TEXTS = 200


class KeptPredictions:
    """
    Notes what a predictive model decides on texts of its vocabulary, so that a merged model can be
    held against it.

    >>> kept = KeptPredictions(f, archive.dataset_reader, least=0.99)
    >>> kept.check(load("runs/f_ft").model)

    # Parameters

    predictive : `Model`
        In evaluation mode. It may become a part of a merged model afterwards.
    reader : `DatasetReader`
        Its own.
    least : `float`
        The share of its predictions that has to be left.

    # Raises

    `ConfigurationError` : the share is not between 0 and 1.
    """

    def __init__(self, predictive: Model, reader: DatasetReader, least: float) -> None:
        self._least = number("least_kept", least, least=0, most=1)
        self._reader = reader
        lengths = [length for length in LENGTHS if length > 1]
        wanted = [lengths[place % len(lengths)] for place in range(TEXTS)]
        self._texts = drawn_texts(predictive, reader, wanted)
        self._decided = self._decisions(explained_model(predictive, reader))

    def _decisions(self, explained: ExplainedModel) -> list[list[object]]:
        """Of each text, as Python values for each output."""
        decided: dict[int, list[object]] = {}
        with torch.no_grad():
            for rows, inputs in in_batches(explained, self._texts):
                choice = explained.run(explained.without_labels(inputs)).predictions()
                values = zip(*[chosen.tolist() for chosen in choice])
                decided |= dict(zip(rows, map(list, values)))
        return [decided[row] for row in range(len(self._texts))]

    def check(self, merged: Model) -> None:
        """
        # Raises

        `ConfigurationError` : the merged model decides too many texts in another way.
        """
        explained = explained_model(merged, self._reader)
        now = self._decisions(explained)
        same = [explained.task.same(*pair) for pair in zip(self._decided, now)]
        share = sum(same) / len(same)
        if share < self._least:
            raise ConfigurationError(
                f"the merged model leaves {share:.1%} of the predictions on {len(same)} drawn "
                f"texts, where {self._least:.1%} are wanted, and is not written; try less noise"
            )

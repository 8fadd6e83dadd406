"""A merged model beside the sum of its parts."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, DatasetReader, Instance
from allennlp.models import Model
from torch import Tensor

from facade_allennlp.anatomy import usable_lengths
from facade_allennlp.attribution.inputs import without_labels
from facade_allennlp.errors import describe
from facade_allennlp.models.drawn_texts import drawn_texts
from facade_allennlp.tasks.alternatives import possible

LENGTHS = (1, 2, 3, 5, 8, 13, 21, 34)
"""Of the texts, in tokens."""
LARGEST_DIFFERENCE = 1e-3
"""Between logits that pass for the same."""


class Summed(NamedTuple):
    """What a model is given, in words and as tensors, and the logits that it should return."""

    what: str
    inputs: dict[str, Any]
    logits: dict[str, Tensor]


class SumCheck:
    """
    Runs a predictive and a facade model on texts of several lengths, each alone and all in one
    batch, so that a merged model can be held against the sum of their logits.

    >>> sums = SumCheck(f, g, archive.dataset_reader)
    >>> sums.check(load("runs/f_ft").model)

    # Parameters

    predictive, facade : `Model`
        In evaluation mode. They may become parts of a merged model afterwards.
    reader : `DatasetReader`
        The predictive model's.
    """

    def __init__(self, predictive: Model, facade: Model, reader: DatasetReader) -> None:
        self._sums: list[Summed] = []
        self._failure = "there are none"
        limits = [limit for part in (predictive, facade) for _, limit in usable_lengths(part)]
        lengths = [length for length in LENGTHS if length <= min(limits, default=length)]
        usable = []
        for length, text in zip(lengths, drawn_texts(predictive, reader, lengths)):
            # Some networks take no short texts, and those that hold them need not either.
            if self._add(f"a text of {length} tokens", [text], predictive, facade):
                usable.append(text)
        if len(usable) > 1:
            self._add(f"a batch of {len(usable)} texts", usable, predictive, facade)

    def _add(self, what: str, instances: list[Instance], predictive: Model, facade: Model) -> bool:
        """Keeps the sum of the logits; False where one of the two models fails."""
        try:
            inputs = dict(Batch(instances).as_tensor_dict())
            f = _logits(predictive, inputs)
            g = _logits(facade, without_labels(facade, inputs))
            sums = {name: f[name].where(~possible(f[name]), f[name] + g[name]) for name in f}
        except Exception as error:  # whatever a model raises at a text
            self._failure = describe(error)
            return False
        self._sums.append(Summed(what, inputs, sums))
        return True

    def check(self, merged: Model) -> None:
        """
        Runs a merged model on the same texts.

        # Raises

        `ConfigurationError` : it fails where its parts do not, or its logits differ from their sum
            by more than 1e-3; or its parts fail at all texts.
        """
        if not self._sums:
            raise ConfigurationError(
                "the predictive and the facade model run on none of the texts on which a merged "
                f"model is tried: {self._failure}"
            )
        for what, inputs, expected in self._sums:
            try:
                found = _logits(merged, inputs)
                difference = max(_difference(found[name], expected[name]) for name in expected)
            except Exception as error:
                raise ConfigurationError(
                    f"the merged model fails on {what} and is not written; try the storage "
                    f"`logits` ({type(error).__name__}: {describe(error)})"
                ) from None
            if difference > LARGEST_DIFFERENCE:
                raise ConfigurationError(
                    f"the merged model's logits differ by {difference:.3g} from the sum of its "
                    f"parts on {what}, and it is not written; try less noise, a smaller scale, or "
                    "the storage `logits`"
                )


@torch.no_grad()
def _logits(model: Model, inputs: Mapping[str, Any]) -> dict[str, Tensor]:
    """
    The outputs of a model whose names end in `logits`.

    # Raises

    `ConfigurationError` : there are none, or they hold NaN or infinity.
    """
    outputs = model(**inputs)
    logits = {name: value for name, value in outputs.items() if name.endswith("logits")}
    if not logits:
        raise ConfigurationError(f"{type(model).__name__} returns {sorted(outputs)}, but no logits")
    if not all(value.isfinite().all() for value in logits.values()):
        raise ConfigurationError(f"the logits of {type(model).__name__} are not finite")
    return logits


def _difference(found: Tensor, expected: Tensor) -> float:
    """The largest between entries that are no placeholders."""
    return float((found - expected)[possible(expected)].abs().max())

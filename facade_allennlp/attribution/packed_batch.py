"""A batch in parts that one explanation method after another takes up, each of like length."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from facade_allennlp.attribution.attribution import Attribution
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.inputs import Classes, Inputs
from facade_allennlp.attribution.like_lengths import parts_of_like_length
from facade_allennlp.attribution.text_lengths import TextLengths, shortest_text


class PackedBatch:
    """
    The inputs of a batch in parts, each of inputs of like length and cut to the longest of them, so
    that what is explained costs the same whatever else is in the batch.

    # Parameters

    model : `ExplainedModel`
        Its budget bounds a forward pass.
    inputs : `Inputs`
        Without labels.
    classes : `Sequence[Tensor]`, optional
        See `AttributionMethod.attribute`.
    size, rows_per_input, in_order
        See `parts_of_like_length`.
    """

    def __init__(
        self,
        model: ExplainedModel,
        inputs: Inputs,
        classes: Classes = None,
        size: Callable[[int], int] = lambda rows: rows,
        rows_per_input: Callable[[int], int] = lambda tokens: 1,
        in_order: bool = False,
    ) -> None:
        self._model = model
        self._classes = classes
        self._lengths = TextLengths(inputs, shortest_text(model.model))
        by_input = self._lengths.by_input()
        parts = parts_of_like_length(by_input, model.budget, size, rows_per_input, in_order)
        self._parts = [torch.tensor(part) for part in parts]

    @property
    def parts(self) -> Iterator[tuple[dict[str, Any], Classes, int]]:
        """The inputs of each part, their classes, and how many rows a pass takes of it."""
        for index in self._parts:
            inputs = self._lengths.rows(index)
            classes = self._classes and [c[index.to(c.device)] for c in self._classes]
            yield inputs, classes, self._model.rows_in_pass(inputs)

    def joined(self, explained: Sequence[Attribution]) -> Attribution:
        """The attributions of all parts as one of the batch, in its order and as wide as it is."""
        return Attribution.joined(explained, torch.cat(self._parts), self._lengths.padded)

"""Methods that look at each input once."""

from collections.abc import Iterator, Sequence
from typing import Optional

import torch
from torch import Tensor

from facade_allennlp.attribution.attribution import Attribution
from facade_allennlp.attribution.attribution_method import (
    DEFAULT_MAX_BATCH_TOKENS,
    AttributionMethod,
)
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.inputs import Inputs, batch_shape, select


class OnePassMethod(AttributionMethod):
    """A method that explains each input by one run of the model; a subclass says how."""

    def explain(
        self, model: ExplainedModel, inputs: Inputs, classes: Optional[Sequence[Tensor]]
    ) -> Attribution:
        """
        As `attribute`, for a part of a batch that is small enough to be run at once, without
        labels.
        """
        raise NotImplementedError

    def attribute(
        self,
        model: ExplainedModel,
        inputs: Inputs,
        classes: Optional[Sequence[Tensor]] = None,
        max_batch_tokens: int = DEFAULT_MAX_BATCH_TOKENS,
    ) -> Attribution:
        parts = in_parts(model, inputs, classes, max_batch_tokens)
        return Attribution.joined([self.explain(model, *part) for part in parts])


def in_parts(
    model: ExplainedModel,
    inputs: Inputs,
    classes: Optional[Sequence[Tensor]],
    max_batch_tokens: int,
) -> Iterator[tuple[Inputs, Optional[list[Tensor]]]]:
    """
    A batch without labels and its classes, in parts of at most `max_batch_tokens` tokens, or of one
    row.
    """
    inputs = model.without_labels(inputs)
    batch_size, length = batch_shape(inputs)
    rows = max(1, max_batch_tokens // length)
    for index in torch.arange(batch_size, device=model.device).split(rows):
        wanted = [of_output[index] for of_output in classes] if classes else None
        yield select(inputs, index, batch_size), wanted

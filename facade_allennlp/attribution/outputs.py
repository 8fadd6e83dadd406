"""What the logits of a model mean: which entries count, and the decision that they lead to."""

from collections.abc import Sequence

import torch
from torch import Tensor

SPAN = ("span_start_logits", "span_end_logits")
"""
Outputs of a model that answers with a span of the text: one logit per token, for the span's first
and last token.
"""


def decide(names: Sequence[str], logits: Sequence[Tensor]) -> list[Tensor]:
    """
    The decision for each output: the class with the highest logit; for a span the first and last
    token of the best span, which do not end before they start.

    # Parameters

    names : `Sequence[str]`
        Of the outputs.
    logits : `Sequence[Tensor]`
        Each of shape (rows, classes).

    # Returns

    `list[Tensor]` : each of shape (rows,).
    """
    detached = [output.detach() for output in logits]
    if tuple(names) != SPAN:
        return [output.argmax(dim=-1) for output in detached]
    from allennlp_models.rc.models.utils import get_best_span  # slow to import

    return list(get_best_span(*detached).unbind(dim=-1))


def possible(logits: Tensor) -> Tensor:
    """
    True for the entries that are no placeholders: AllenNLP's models give classes that are ruled out
    (an answer outside the passage) the lowest number there is. Shape as `logits`.
    """
    return logits > torch.finfo(logits.dtype).min / 2


def arbitrary(ids: Tensor, logits: Tensor) -> Tensor:
    """
    For each row one of the possible classes, which follows from its token ids and nothing else.

    # Parameters

    ids : `Tensor`
        Shape: (rows, tokens).
    logits : `Tensor`
        Shape: (rows, classes).

    # Returns

    `Tensor` : shape (rows,).
    """
    counted = possible(logits)
    wanted = ids.sum(dim=-1) % counted.sum(dim=-1)
    return (counted.cumsum(dim=-1) > wanted.unsqueeze(-1)).int().argmax(dim=-1)

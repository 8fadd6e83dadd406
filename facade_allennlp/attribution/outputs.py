"""What the entries of logits mean: which of them count, and one of them by a rule of its own."""

import torch
from torch import Tensor


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

"""
What a model decides between: logits of alternatives, the last axis of a tensor whose first is rows.
"""

import torch
from torch import Tensor


def possible(logits: Tensor) -> Tensor:
    """
    True for the entries that are no placeholders: AllenNLP's models give classes that are ruled out
    (an answer outside the passage) the lowest number there is. Shape as `logits`.
    """
    return logits > torch.finfo(logits.dtype).min / 2


def undecided(logits: Tensor) -> Tensor:
    """
    True for decisions between at least two possible alternatives. Shape as `logits`, without the
    last axis.
    """
    return possible(logits).sum(dim=-1) > 1


def ruled_out(logits: Tensor, kept: Tensor) -> Tensor:
    """
    Logits with placeholders where not `kept`, as AllenNLP's models put them.

    # Parameters

    kept : `Tensor`
        True for entries that stay. It broadcasts to the shape of `logits`.
    """
    return logits.masked_fill(~kept, torch.finfo(logits.dtype).min)


def arbitrary(keys: Tensor, logits: Tensor) -> Tensor:
    """
    For each row one of the possible alternatives, which follows from its key and nothing else.

    # Parameters

    keys : `Tensor`
        Such as the sum of its token ids. Shape: (rows,).
    logits : `Tensor`
        Shape: (rows, alternatives).

    # Returns

    `Tensor` : shape (rows,).
    """
    counted = possible(logits)
    wanted = keys % counted.sum(dim=-1)
    return (counted.cumsum(dim=-1) > wanted.unsqueeze(-1)).int().argmax(dim=-1)


def over_decisions(logits: Tensor, values: Tensor) -> Tensor:
    """
    The mean of a value over each row's decisions that have alternatives. Shape: (rows,).

    # Parameters

    logits : `Tensor`
        Shape: (rows, alternatives) or (rows, decisions, alternatives).
    values : `Tensor`
        The same without the last axis.
    """
    if logits.dim() == 2:
        return values
    counted = undecided(logits)
    return torch.where(counted, values, 0.0).sum(dim=-1) / counted.sum(dim=-1).clamp_min(1)

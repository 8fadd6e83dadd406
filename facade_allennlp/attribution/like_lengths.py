"""Texts of like length share a forward pass, so that little of it is padding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True)
class PassBudget:
    """
    How large a forward pass shall be on a device.

    # Parameters

    tokens : `int`
        The most tokens (rows times padded length) in one pass; a single row may exceed it.
    overhead : `int`
        To begin a pass takes as long as so many tokens in it.
    """

    tokens: int
    overhead: int


ON_CPU = PassBudget(1024, 64)
"""
Of the reference encoder on two cores, a pass takes 25 ms and 0.3 to 0.4 ms for each of its tokens.
"""

ON_ACCELERATOR = PassBudget(4096, 1024)
"""
Measured on a GPU, see `results/devices.md`: passes of 16,384 tokens are a tenth to a third quicker,
but hold three times the memory, 8 GiB for 12 layers of 768, which not every card has.
"""


def budget_on(device: torch.device) -> PassBudget:
    """The budget of a pass for a device, where the user sets none."""
    return ON_CPU if device.type == "cpu" else ON_ACCELERATOR


def parts_of_like_length(
    lengths: Sequence[Sequence[int]],
    budget: PassBudget,
    size: Callable[[int], int] = lambda rows: rows,
    rows_per_input: Callable[[int], int] = lambda tokens: 1,
    in_order: bool = False,
) -> list[list[int]]:
    """
    Inputs in parts of like length: of all ways to cut their sequence, longest first, the one with
    the least tokens of padding, where each part counts as `budget.overhead` tokens more. Found from
    the last input to the first: the best way to cut what follows is known for each place.

    # Parameters

    lengths : `Sequence[Sequence[int]]`
        For each input the length of each of its texts.
    size : `Callable[[int], int]`
        The most inputs of a part, by the number of rows that a pass takes.
    rows_per_input : `Callable[[int], int]`
        How many rows an input of so many tokens is run as.
    in_order : `bool`
        Whether the inputs are cut in the order in which they come.

    # Returns

    `list[list[int]]` : the numbers of the inputs; the same lengths always give the same parts.
    """
    if not lengths:
        return []
    by_text = np.array(lengths, dtype=np.int64)  # shape: (inputs, texts)
    order = np.arange(len(by_text)) if in_order else np.argsort(-by_text.sum(axis=1), kind="stable")
    by_text = by_text[order]

    widths = range(int(by_text.max(axis=0).sum()) + 1)
    tokens = np.array([rows_per_input(width) * width for width in widths])  # of an input so wide
    sizes = np.array([max(1, size(max(1, budget.tokens // max(1, width)))) for width in widths])
    real = np.append(0, tokens[by_text.sum(axis=1)].cumsum())

    least = np.zeros(len(by_text) + 1)  # padding and overhead from an input on
    taken = np.zeros(len(by_text), dtype=int)  # inputs of the part that an input begins
    for first in reversed(range(len(by_text))):
        following = by_text[first : first + sizes[by_text[first].sum()]]
        width = np.maximum.accumulate(following).sum(axis=1)  # of the part, by where it ends
        inputs = np.arange(1, len(following) + 1)
        end = first + inputs
        padding = inputs * tokens[width] - (real[end] - real[first])
        cost = np.where(inputs <= sizes[width], budget.overhead + padding + least[end], np.inf)
        taken[first] = len(cost) - cost[::-1].argmin()  # the largest of equals
        least[first] = cost[taken[first] - 1]

    parts, first = [], 0
    while first < len(by_text):
        parts.append(order[first : first + taken[first]].tolist())
        first += int(taken[first])
    return parts

"""Texts of like length share a forward pass, so that little of it is padding."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch

MOST_PADDING = 0.05
"""What padding may add to the tokens of a batch, as a share of them, where it can be helped."""


@dataclass(frozen=True)
class PassBudget:
    """
    How large a forward pass shall be on a device.

    # Parameters

    tokens : `int`
        The most tokens (rows times padded length) in one pass; a single row may exceed it.
    spares : `tuple[int, ...]`
        So much padding costs less than a pass of its own. The first is what holds; the others are
        tried in turn while padding adds more than `MOST_PADDING`.
    """

    tokens: int
    spares: tuple[int, ...]


ON_CPU = PassBudget(1024, (64, 45, 32, 23, 16, 11, 8, 6, 4, 3, 2, 1, 0))
"""
Of 1,024 and 4,096 tokens the former took less time on two cores before rows were packed by length;
since then they have been compared on one busy core alone, where they cost about the same.
"""

ON_ACCELERATOR = PassBudget(4096, (1024,))
"""
Measured on a GPU, see `results/devices.md`: passes of 16,384 tokens are a tenth to a third quicker,
but hold three times the memory, 8 GiB for 12 layers of 768, which not every card has. To begin a
pass takes as long as many tokens there, so padding is let be.
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
    Inputs in parts of like length: as few as may be while padding adds no more than `MOST_PADDING`
    to their tokens. Where a model reads several texts, whose lengths need not go together, a part
    takes an input in as long as that costs less than a pass of its own.

    # Parameters

    lengths : `Sequence[Sequence[int]]`
        For each input the length of each of its texts.
    size : `Callable[[int], int]`
        The most inputs of a part, by the number of rows that a pass takes.
    rows_per_input : `Callable[[int], int]`
        How many rows an input of so many tokens is run as.
    in_order : `bool`
        Whether the parts one after another hold the inputs in their order.

    # Returns

    `list[list[int]]` : the numbers of the inputs; the same lengths always give the same parts.
    """
    order: Iterable[int] = range(len(lengths)) if in_order else longest_first(lengths)
    order = list(order)
    one_text = all(len(own) == 1 for own in lengths)
    parts: list[list[int]] = []
    for spare in budget.spares if one_text else budget.spares[:1]:
        parts, padding = filled(lengths, order, budget.tokens, spare, size, rows_per_input)
        if padding <= MOST_PADDING:
            break
    return parts


def longest_first(lengths: Sequence[Sequence[int]]) -> list[int]:
    """The numbers of the inputs, those with the most tokens first."""
    return sorted(range(len(lengths)), key=lambda index: (-sum(lengths[index]), index))


def filled(
    lengths: Sequence[Sequence[int]],
    order: Iterable[int],
    most_tokens: int,
    spare: float,
    size: Callable[[int], int] = lambda rows: rows,
    rows_per_input: Callable[[int], int] = lambda tokens: 1,
) -> tuple[list[list[int]], float]:
    """
    Parts that are filled one after another, each until it would hold too many inputs, or more than
    `spare` tokens of padding; and what padding adds to the tokens of all, as a share.
    """
    parts: list[list[int]] = []
    widths: list[int] = []  # of the last part's texts, padding included
    real = 0  # tokens of the last part
    all_real = all_padding = padding = 0
    for index in order:
        own = sum(lengths[index])
        own_tokens = rows_per_input(own) * own
        all_real += own_tokens
        if parts:
            wider = [max(pair) for pair in zip(widths, lengths[index])]
            width, inputs = sum(wider), len(parts[-1]) + 1
            wasted = inputs * rows_per_input(width) * width - real - own_tokens
            rows = max(1, most_tokens // max(1, width))
            if inputs <= size(rows) and wasted <= spare:
                parts[-1].append(index)
                widths, real, padding = wider, real + own_tokens, wasted
                continue
        all_padding += padding
        parts.append([index])
        widths, real, padding = list(lengths[index]), own_tokens, 0
    return parts, (all_padding + padding) / max(1, all_real)

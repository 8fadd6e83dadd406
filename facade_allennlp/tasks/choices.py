"""Choices as tensors, an entry for each row, and as Python values, an entry for each output."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from facade_allennlp.tasks.task import Choice


def rows_of(choice: Choice) -> list[list[Any]]:
    """
    The choice of each row, as a Python value for each output.

    >>> rows_of([torch.tensor([3, 4]), torch.tensor([5, 5])])
    [[3, 5], [4, 5]]
    """
    return [list(row) for row in zip(*(output.tolist() for output in choice))]


def choice_from(rows: Sequence[Sequence[Any]], device: torch.device) -> list[Tensor]:
    """
    The opposite of `rows_of`.

    >>> choice_from([[3, 5], [4, 5]], torch.device("cpu"))
    [tensor([3, 4]), tensor([5, 5])]
    """
    return [torch.tensor(output, device=device) for output in zip(*rows)]

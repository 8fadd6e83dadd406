from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass
class ModelOutput:
    """
    What a model gave for the rows of a batch.

    # Parameters

    names : `tuple[str, ...]`
        Of the outputs that hold logits.
    logits : `list[Tensor]`
        In the same order. Each of shape (rows, ...), such as (rows, classes).
    outputs : `dict[str, Any]`
        All that it gave.
    """

    names: tuple[str, ...]
    logits: list[Tensor]
    outputs: dict[str, Any]

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor


class ReadField(Protocol):
    """
    A text field as a model read it: its name, the ids of its tokens and their namespace in the
    vocabulary, and a mask that is true for real tokens. Shape of both tensors: (rows, tokens).
    """

    name: str
    ids: Tensor
    namespace: str
    mask: Tensor


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
    fields : `Sequence[ReadField]`
        The text fields that it read, in the order of embedding.
    """

    names: tuple[str, ...]
    logits: list[Tensor]
    outputs: dict[str, Any]
    fields: Sequence[ReadField]

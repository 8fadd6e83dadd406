"""How models of transformers with heads of one kind become archives, and what both then answer."""

from inspect import signature
from typing import Any, Optional

import torch
from allennlp.data import DatasetReader, Instance
from torch import Tensor

from facade_allennlp.exchange.layout import Layout
from facade_allennlp.exchange.original import Original

Example = tuple[str, ...]
"""The texts of one input."""

UNLIMITED = 64
"""So many words are a long text for a model that takes any."""


class Form:
    """
    One kind of head. It knows the archive's parts, and how to ask the original and the archive the
    same thing.

    # Parameters

    length : `int`, optional
        The most tokens of an input; what is longer is shortened.
    """

    def __init__(self, length: Optional[int]) -> None:
        self.length = length

    def layout(self, original: Original) -> Layout:
        """
        The archive.

        # Raises

        `ConfigurationError` : the head is not one that the archive can have.
        """
        raise NotImplementedError

    def lengths(self) -> list[tuple[int, ...]]:
        """Of the inputs that original and archive are tried with: the words of each text."""
        return [(length,) for length in self.spread()]

    def spread(self) -> tuple[int, ...]:
        """From one word to more than the model takes."""
        return (1, 2, 5, 13, 30, (self.length or UNLIMITED) + 3)

    def instance(self, reader: DatasetReader, example: Example) -> Instance:
        """As a predictor makes it of a request."""
        return reader.text_to_instance(*example)

    def cut(self) -> dict[str, Any]:
        """The tokenizer's options that make it cut what is too long."""
        return {} if self.length is None else {"truncation": True, "max_length": self.length}

    def encoded(self, original: Original, example: Example) -> dict[str, Tensor]:
        """The original's input, by its own tokenizer. Each of shape (1, tokens)."""
        encoded = original.tokenizer(*example, return_tensors="pt", **self.cut())
        taken = signature(original.model.forward).parameters
        return {name: tensor for name, tensor in encoded.items() if name in taken}

    def expected(self, original: Original, example: Example) -> Tensor:
        """The original's logits for one input. Shape: (labels,) or (tokens, labels)."""
        return original.model(**self.encoded(original, example)).logits[0]

    def given(self, output: dict[str, Any], wanted: Tensor) -> Tensor:
        """
        The archive's, out of its readable output for one input. As `expected`.

        # Parameters

        output : `dict[str, Any]`
        wanted : `Tensor`
            The original's.
        """
        return torch.as_tensor(output["logits"])[: len(wanted)]

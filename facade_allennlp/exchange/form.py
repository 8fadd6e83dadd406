"""How models of transformers with heads of one kind become archives, and what both then answer."""

from inspect import signature
from typing import Any, Optional

from allennlp.data import DatasetReader, Instance
from torch import Tensor

from facade_allennlp.exchange.layout import Layout
from facade_allennlp.exchange.original import Original

Example = tuple[str, ...]
"""The texts of one input."""


class Form:
    """
    One kind of head. It knows the archive's parts, and how to ask the original and the archive the
    same thing.

    # Parameters

    length : `int`, optional
        The most tokens of an input; what is longer is shortened.
    """

    texts: int = 1
    """How many texts an input has."""

    def __init__(self, length: Optional[int]) -> None:
        self.length = length

    def layout(self, original: Original) -> Layout:
        """
        The archive.

        # Raises

        `ConfigurationError` : the head is not one that the archive can have.
        """
        raise NotImplementedError

    def instance(self, reader: DatasetReader, example: Example) -> Instance:
        """As a predictor makes it of a request."""
        return reader.text_to_instance(*example)

    def encoded(self, original: Original, example: Example) -> dict[str, Tensor]:
        """The original's input, by its own tokenizer. Each of shape (1, tokens)."""
        cut = {} if self.length is None else {"truncation": True, "max_length": self.length}
        encoded = original.tokenizer(*example, return_tensors="pt", **cut)
        taken = signature(original.model.forward).parameters
        return {name: tensor for name, tensor in encoded.items() if name in taken}

    def expected(self, original: Original, example: Example) -> Tensor:
        """The original's logits for one input. Shape: (labels,) or (tokens, labels)."""
        return original.model(**self.encoded(original, example)).logits[0]

    def given(self, output: dict[str, Any]) -> Tensor:
        """The archive's, out of its readable output for one input. As `expected`."""
        raise NotImplementedError

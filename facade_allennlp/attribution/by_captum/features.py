"""What is put in and out together: tokens, or whole words."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from facade_allennlp.attribution.attribution import FieldTokens
from facade_allennlp.attribution.by_captum.captum_method import CaptumInputs, TokenScores
from facade_allennlp.texts.token_sequence import TokenSequence

NONE = -1
"""The feature of tokens that are never absent: padding, and special tokens that are kept."""


@dataclass
class Features:
    """
    The features of methods that put tokens in and out.

    # Parameters

    numbers : `Sequence[Tensor]`
        For each text field the feature of each token, counted over all fields from 0, or `NONE`.
        Each of shape (batch, tokens).
    """

    numbers: Sequence[Tensor]

    @classmethod
    def of(cls, given: CaptumInputs, words: bool) -> "Features":
        """The tokens of texts, or their words; special tokens are features of their own."""
        numbers = []
        before = torch.zeros_like(given.fields[0].ids[:, :1])
        for field in given.fields:
            absent = given.baseline.absent(given.model, field)
            first = absent
            if words:
                reader = given.model.reader
                first = absent & FieldTokens.of(field).marked(reader, _first_of_words)
            counted = first.long().cumsum(dim=-1) + before
            numbers.append(torch.where(absent, counted - 1, NONE))
            before = before + first.sum(dim=-1, keepdim=True)
        return cls(numbers)

    @property
    def count(self) -> int:
        """The most features of an input."""
        return 1 + max(int(numbers.max()) for numbers in self.numbers)

    @property
    def groups(self) -> tuple[Tensor, ...]:
        """
        As Captum wants them. What has no feature goes with the first one: its baseline is what it
        is, so that nothing depends on it. Each of shape (batch, tokens, 1).
        """
        return tuple(numbers.clamp_min(0).unsqueeze(-1) for numbers in self.numbers)

    def scores(self, by_field: Sequence[Tensor]) -> TokenScores:
        """
        From what Captum says of features to tokens: those of a word share its score evenly, so that
        they add up to it.

        # Parameters

        by_field : `Sequence[Tensor]`
            Scores that a feature's entries have in common. Each of shape (batch, tokens, features).
        """
        sizes = self.numbers[0].new_zeros(len(self.numbers[0]), 1 + self.count)
        for numbers in self.numbers:
            sizes.scatter_add_(1, 1 + numbers, torch.ones_like(numbers))
        return TokenScores(
            [
                torch.where(numbers == NONE, 0, scores[..., 0] / sizes.gather(1, 1 + numbers))
                for numbers, scores in zip(self.numbers, by_field)
            ]
        )


def _first_of_words(sequence: TokenSequence) -> list[int]:
    """The positions of the first token of each word, and of special tokens."""
    pairs = enumerate(zip((None, *sequence.word_ids), sequence.word_ids))
    return [position for position, (last, word) in pairs if word is None or word != last]

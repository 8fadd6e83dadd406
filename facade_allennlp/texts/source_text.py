"""A text as it is shown: its words, its tokens, and which belong together. Imports no AllenNLP."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional


@dataclass
class SourceText:
    """
    What a model reads of an instance, text field by text field.

    # Parameters

    tokens : `list[str]`
        Real tokens, special tokens among them, as the vocabulary spells them.
    word_ids : `list[int | None]`
        The word that each token belongs to; `None` for special tokens.
    words : `list[str]`
        As they were typed.
    starts : `dict[str, int]`
        For each text field the place of its first token.
    truncated : `int`, optional (default = `0`)
        How many tokens were left out since the text is longer than the model is to read.
    """

    tokens: list[str]
    word_ids: list[Optional[int]]
    words: list[str]
    starts: dict[str, int]
    truncated: int = 0

    @property
    def note(self) -> str:
        """A sentence that says whether the text was cut; none where it was not."""
        if not self.truncated:
            return ""
        tokens = "a token was" if self.truncated == 1 else f"{self.truncated} tokens were"
        return f"The text was cut: {tokens} left out."


@dataclass
class ShownWord:
    """A word as it was typed, or a special token, and the positions of its tokens."""

    text: str
    positions: list[int]
    special: bool


def shown_words(text: SourceText) -> list[ShownWord]:
    """The words and special tokens in the order of the text."""
    shown: list[ShownWord] = []
    last: Optional[int] = None
    for position, (token, word) in enumerate(zip(text.tokens, text.word_ids)):
        if word is None or word != last:
            shown.append(ShownWord(token if word is None else text.words[word], [], word is None))
        last = word
        shown[-1].positions.append(position)
    return shown


def direction(words: Sequence[str]) -> str:
    """
    `rtl` for a text whose first letter is of a script that runs from right to left, else `ltr`.
    """
    for character in "".join(words):
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"

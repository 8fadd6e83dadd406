"""One explanation, word by word: what share of the attribution each word of the text holds."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from facade_allennlp.analysis.record import Record


@dataclass
class WordShare:
    """
    A word, or a special token, of an explained text.

    # Parameters

    text : `str`
        As it was typed; a special token as the vocabulary spells it.
    share : `float`
        Summed over the tokens of the word.
    tokens : `int`
        How many tokens the word is made of.
    special : `bool`
        Whether it is a special token, and no word of the text.
    top : `bool`
        Whether no other word or special token holds a larger share.
    targets : `list[str]`
        The token targets that one of its tokens belongs to.
    """

    text: str
    share: float
    tokens: int
    special: bool
    top: bool
    targets: list[str]

    @property
    def depth(self) -> float:
        return colour_depth(self.share)


def word_shares(record: Record, method: str) -> list[WordShare]:
    """
    The words and special tokens in the order of the text. All shares are zero, and none is the top
    one, where the method gave no (finite) score.
    """
    attribution = record.attribution(method)
    shares: list[WordShare] = []
    word: Optional[int] = None
    for position, (token, belongs_to) in enumerate(zip(record.tokens, record.word_ids)):
        if belongs_to is None or belongs_to != word:
            text = token if belongs_to is None else record.words[belongs_to]
            shares.append(WordShare(text, 0.0, 0, belongs_to is None, False, []))
        word = belongs_to
        shares[-1].share += attribution[position]
        shares[-1].tokens += 1
        shares[-1].targets += [
            name
            for name, positions in record.targets.items()
            if position in positions and name not in shares[-1].targets
        ]
    highest = max((entry.share for entry in shares), default=0.0)
    for entry in shares:
        entry.top = entry.share > 0 and math.isclose(entry.share, highest)
    return shares


def target_share(record: Record, method: str, target: str) -> Optional[float]:
    """The share of the target tokens; `None` where the text has none."""
    positions = record.targets[target]
    if not positions:
        return None
    attribution = record.attribution(method)
    return sum(attribution[position] for position in positions)


def colour_depth(share: float) -> float:
    """
    From 0 (no colour) to 1. The root, since the shares in a long text are small: one that is in
    proportion would leave it white.
    """
    return round(math.sqrt(min(max(share, 0.0), 1.0)), 3)


def direction(words: Sequence[str]) -> str:
    """
    `rtl` for a text whose first letter is of a script that runs from right to left, else `ltr`.
    """
    for character in "".join(words):
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"

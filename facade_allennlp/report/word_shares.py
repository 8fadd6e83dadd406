"""One explanation, word by word: what share of the attribution each word of the text holds."""

import math
from dataclasses import dataclass
from typing import Optional

from facade_allennlp.analysis.record import Record
from facade_allennlp.explanations.source_text import shown_words


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
    shares = []
    for word in shown_words(record.tokens, record.word_ids, record.words):
        targets = [
            name
            for name, positions in record.targets.items()
            if not set(positions).isdisjoint(word.positions)
        ]
        share = sum(attribution[position] for position in word.positions)
        shares.append(
            WordShare(word.text, share, len(word.positions), word.special, False, targets)
        )
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

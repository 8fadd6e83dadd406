"""How much each word of a text counts, and for which side: what every page and picture shows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional, Protocol

from facade_allennlp.texts.source_text import ShownWord, SourceText, shown_words

STRONG = 0.5
"""A strong word holds at least so much of what the strongest one holds."""


class Scores(Protocol):
    """A method's scores of one text, as `explanations.MethodScores` holds them."""

    scores: list[float]
    attribution: list[float]
    signed: bool


class Explained(Protocol):
    """One explained text, as `explanations.Explanation` is."""

    text: SourceText
    explained_class: str
    probability: Optional[float]

    @property
    def methods(self) -> Mapping[str, Scores]: ...

    @property
    def failed(self) -> Mapping[str, str]: ...


@dataclass
class ScoredWord:
    """
    A word, or a special token, of an explained text.

    # Parameters

    text : `str`
        As it was typed; a special token as the vocabulary spells it.
    share : `float`
        Of the attribution (eq. 1 of Wang et al. 2020), summed over the tokens of the word.
    side : `int`
        1 where the word speaks for the explained class, -1 where against it: the sign of the sum
        of its tokens' scores. 0 where the method gives magnitudes alone.
    pieces : `int`
        How many tokens the word is made of.
    special : `bool`
        Whether it is a special token, and no word of the text.
    top, strong : `bool`
        Whether no other word holds a larger share, and whether it holds at least half as much as
        that.
    targets : `list[str]`
        The targets that it has a token of.
    """

    text: str
    share: float
    side: int
    pieces: int
    special: bool
    top: bool = False
    strong: bool = False
    targets: list[str] = field(default_factory=list)

    @property
    def depth(self) -> float:
        return colour_depth(self.share)

    @property
    def percent(self) -> str:
        """The share, with its sign where the method tells one."""
        sign = {1: "+", 0: "", -1: "−"}[self.side if self.share else 0]
        return f"{sign}{100 * self.share:.0f} %"


def scored_words(
    words: Sequence[ShownWord],
    attribution: Sequence[float],
    scores: Optional[Sequence[float]] = None,
    targets: Optional[Mapping[str, Sequence[int]]] = None,
) -> list[ScoredWord]:
    """
    What every page, picture and terminal shows of words.

    # Parameters

    words : `Sequence[ShownWord]`
    attribution : `Sequence[float]`
        One for each token, non-negative; they sum to 1, or are all zero where a method gave no
        finite score.
    scores : `Sequence[float]`, optional
        With signs, positive ones for the explained class; none of a method that gives magnitudes.
    targets : `Mapping[str, Sequence[int]]`, optional
        The positions of each target's tokens.
    """
    marked = {name: set(positions) for name, positions in (targets or {}).items()}
    scored: list[ScoredWord] = []
    for word in words:
        shares = [attribution[position] for position in word.positions]
        side = 0
        if scores is not None:
            signs = (scores[position] for position in word.positions)
            side = 1 if sum(map(math.copysign, shares, signs)) >= 0 else -1
        its_targets = [name for name, at in marked.items() if not at.isdisjoint(word.positions)]
        scored.append(
            ScoredWord(word.text, sum(shares), side, len(shares), word.special, targets=its_targets)
        )
    highest = max((word.share for word in scored), default=0.0)
    for word_scored in scored:
        share = word_scored.share
        word_scored.top = share > 0 and math.isclose(share, highest)
        word_scored.strong = share > 0 and share >= STRONG * highest
    return scored


def strongest_first(words: Sequence[ScoredWord]) -> list[int]:
    """The places of the strong words, the top ones among them; of equal ones the first first."""
    strong = [place for place, word in enumerate(words) if word.strong]
    return sorted(strong, key=lambda place: (not words[place].top, -words[place].share))


def explained_words(explanation: Explained, method: str) -> list[ScoredWord]:
    """Those of one method, in the order of the text."""
    method_scores = explanation.methods[method]
    scores = method_scores.scores if method_scores.signed else None
    return scored_words(shown_words(explanation.text), method_scores.attribution, scores)


def colour_depth(share: float) -> float:
    """
    From 0 (no colour) to 1. The root, since the shares in a long text are small: one that is in
    proportion would leave it white.
    """
    return round(math.sqrt(min(max(share, 0.0), 1.0)), 3)

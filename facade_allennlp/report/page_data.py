"""The inputs of a page in few characters: texts once, shares as whole numbers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from facade_allennlp.display.edited_text import Segment, edited_text, outcome
from facade_allennlp.display.scored_words import (
    ScoredWord,
    colour_depth,
    scored_words,
    strongest_first,
)
from facade_allennlp.results.record import Record
from facade_allennlp.results.summary import MethodLabel
from facade_allennlp.scores.attribution import share_and_hit
from facade_allennlp.texts.source_text import ShownWord, SourceText, direction, shown_words

WHOLE = 10_000
"""The number that stands for all of an attribution."""


@dataclass
class PageText:
    """
    A text that models read.

    # Parameters

    words : `list[str]`
        As they are shown, special tokens among them.
    special : `list[int]`
        The places of special tokens.
    pieces : `dict[int, int]`
        By place how many tokens a word has, of those that have several.
    targets : `list[list[int]]`
        For each target the places of the words that have a token of it.
    direction : `str`
    """

    words: list[str]
    special: list[int]
    pieces: dict[int, int]
    targets: list[list[int]]
    direction: str


@dataclass
class PageEdits:
    """
    A text as an attack left it.

    # Parameters

    says : `str`
        What the attack came to.
    parts : `list[Any]`
        What was left alone as one string, what was dropped as a list of it, what was exchanged as a
        list of the old and the new, special tokens each as `special` of an object.
    """

    says: str
    parts: list[Any]


@dataclass
class PageCell:
    """
    What one model makes of an input.

    # Parameters

    text : `int`
        The place of the text in `PageData.texts`.
    prediction : `str`
    probability : `float | None`
    right, same : `bool | None`
        Whether it is, and as the reference, where that is known.
    shares : `list[list[int] | None]`
        For each method, for each word its share of the attribution times 10,000, negative where it
        speaks against the explained class; `None` without any share.
    strong : `list[list[int]]`
        For each method the places of strong words, the strongest first.
    top : `list[int]`
        For each method how many of these hold the largest share.
    on : `list[list[int | None]]`
        For each method, for each target the share of its tokens, `None` without one.
    edits : `list[PageEdits | None]`
        For each attack.
    """

    text: int
    prediction: str
    probability: Optional[float]
    right: Optional[bool]
    same: Optional[bool]
    shares: list[Optional[list[int]]]
    strong: list[list[int]]
    top: list[int]
    on: list[list[Optional[int]]]
    edits: list[Optional[PageEdits]]


@dataclass
class PageInput:
    """An input, and what each model makes of it."""

    index: int
    gold: Optional[str]
    cells: list[PageCell]


class PageData:
    """
    What the page's script draws. Explanations of 872 sentences by 6 methods and 3 models are some
    three hundred thousand words; markup of each would be a page of many times the size. The flags
    of words are those of `ScoredWord`, in few characters.

    # Parameters

    labels : `Mapping[str, MethodLabel]`
        Those of the methods that are shown, in order.
    targets, attacks : `Sequence[str]`
        The names of those that are shown, in order.
    """

    def __init__(
        self,
        labels: Mapping[str, MethodLabel],
        targets: Sequence[str],
        attacks: Sequence[str],
    ) -> None:
        self.labels = labels
        self.targets = targets
        self.attacks = attacks
        self.texts: list[PageText] = []
        self._places: dict[str, int] = {}

    def cell(self, record: Record, reference: Optional[Record]) -> PageCell:
        """`reference` is the record of the reference, where that is another model."""
        text = SourceText(record.tokens, record.word_ids, record.words, {})
        words = shown_words(text)
        attributions = {method: record.attribution(method) for method in self.labels}
        methods = [self._scored(record, words, *of) for of in attributions.items()]
        strong = [strongest_first(scored) for scored in methods]
        return PageCell(
            self._place(record, words),
            record.prediction,
            _finite(max(record.probabilities, default=None)),
            record.right,
            None if reference is None else record.prediction == reference.prediction,
            [_shares(scored) for scored in methods],
            strong,
            [sum(word.top for word in scored) for scored in methods],
            [
                [_whole(_share(attribution, record.targets[target])) for target in self.targets]
                for attribution in attributions.values()
            ],
            [
                _edits(text, record.attacks[name]) if name in record.attacks else None
                for name in self.attacks
            ],
        )

    def _scored(
        self,
        record: Record,
        words: Sequence[ShownWord],
        method: str,
        attribution: Sequence[float],
    ) -> list[ScoredWord]:
        towards = self.labels[method].towards
        scores = [towards * score for score in record.scores[method]] if towards else None
        return scored_words(words, attribution, scores)

    def _place(self, record: Record, words: Sequence[ShownWord]) -> int:
        """Of the text of a record, which models may share."""
        nothing = [0.0] * len(record.tokens)
        described = scored_words(words, nothing, targets=record.targets)
        text = PageText(
            [word.text for word in described],
            [place for place, word in enumerate(described) if word.special],
            {place: word.pieces for place, word in enumerate(described) if word.pieces > 1},
            [
                [place for place, word in enumerate(described) if target in word.targets]
                for target in self.targets
            ],
            direction(record.words),
        )
        place = self._places.setdefault(repr(text), len(self.texts))
        if place == len(self.texts):
            self.texts.append(text)
        return place


def _shares(scored: Sequence[ScoredWord]) -> Optional[list[int]]:
    if not any(word.share for word in scored):
        return None
    return [(word.side or 1) * round(WHOLE * word.share) for word in scored]


def depths() -> list[float]:
    """The depth of the colour of each share of a page, from 0 to all."""
    return [colour_depth(share / WHOLE) for share in range(WHOLE + 1)]


def _share(attribution: Sequence[float], positions: Sequence[int]) -> Optional[float]:
    """That of the target tokens; `None` where the text has none."""
    return share_and_hit(attribution, positions)[0] if positions else None


def _finite(probability: Optional[float]) -> Optional[float]:
    """JSON has nothing else."""
    return probability if probability is not None and math.isfinite(probability) else None


def _whole(share: Optional[float]) -> Optional[int]:
    return None if share is None else round(WHOLE * share)


def _edits(text: SourceText, attack: Mapping[str, Any]) -> PageEdits:
    parts: list[Any] = []
    for segment in edited_text(text, attack):
        part = _part(segment)
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += " " + part
        else:
            parts.append(part)
    return PageEdits(outcome(attack), parts)


def _part(segment: Segment) -> str | list[str] | dict[str, str]:
    if segment.special:
        return {"special": segment.text}
    if segment.new is not None:
        return [segment.text, segment.new]
    return [segment.text] if segment.dropped else segment.text

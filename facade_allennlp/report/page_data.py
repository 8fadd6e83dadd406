"""The inputs of a page in few characters: texts once, shares as whole numbers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from facade_allennlp.display.edited_text import Segment, edited_text, outcome
from facade_allennlp.display.scored_words import scored_words
from facade_allennlp.results.record import Record
from facade_allennlp.results.summary import MethodLabel
from facade_allennlp.texts.source_text import ShownWord, SourceText, direction, shown_words

WHOLE = 10_000
"""The number that stands for all of an attribution."""


class PageData:
    """
    What the page's script draws. Explanations of 872 sentences by 6 methods and 3 models are some
    three hundred thousand words; markup of each would be a page of many times the size.

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
        self.texts: list[dict[str, Any]] = []
        self._places: dict[str, int] = {}

    def cell(self, record: Record, reference: Optional[Record]) -> dict[str, Any]:
        """
        What one model makes of an input.

        # Parameters

        record : `Record`
        reference : `Record`, optional
            That of the reference, where it is another model.

        # Returns

        - `text`: the place of the text in `texts`
        - `prediction`, `probability`; `right` and `same` (as the reference), where that is known
        - `shares`: for each method, for each word its share of the attribution times 10,000,
          negative where it speaks against the explained class; or `None` without any share
        - `on`: for each method, for each target the share of its tokens, or `None` without one
        - `edits`: for each attack the edited text, see `_edits`
        """
        text = SourceText(record.tokens, record.word_ids, record.words, {})
        words = shown_words(text)
        return {
            "text": self._place(record, words),
            "prediction": record.prediction,
            "probability": _finite(max(record.probabilities, default=None)),
            "right": record.right,
            "same": None if reference is None else record.prediction == reference.prediction,
            "shares": [self._shares(record, words, method) for method in self.labels],
            "on": [
                [_whole(target_share(record, method, target)) for target in self.targets]
                for method in self.labels
            ],
            "edits": [
                _edits(text, record.attacks[name]) if name in record.attacks else None
                for name in self.attacks
            ],
        }

    def _place(self, record: Record, words: Sequence[ShownWord]) -> int:
        """
        Of the text of a record: `words`, `special` (which of them are special tokens), `pieces`
        (by word, where it has several tokens), `targets` (for each the words that have a token of
        it), `direction`.
        """
        targets = [set(record.targets[name]) for name in self.targets]
        text = {
            "words": [word.text for word in words],
            "special": [place for place, word in enumerate(words) if word.special],
            "pieces": {
                place: len(word.positions)
                for place, word in enumerate(words)
                if len(word.positions) > 1
            },
            "targets": [
                [place for place, word in enumerate(words) if not marked.isdisjoint(word.positions)]
                for marked in targets
            ],
            "direction": direction(record.words),
        }
        place = self._places.setdefault(repr(text), len(self.texts))
        if place == len(self.texts):
            self.texts.append(text)
        return place

    def _shares(
        self, record: Record, words: Sequence[ShownWord], method: str
    ) -> Optional[list[int]]:
        towards = self.labels[method].towards
        scores = [towards * score for score in record.scores[method]] if towards else None
        scored = scored_words(words, record.attribution(method), scores)
        if not any(word.share for word in scored):
            return None
        return [(word.side or 1) * round(WHOLE * word.share) for word in scored]


def target_share(record: Record, method: str, target: str) -> Optional[float]:
    """The share of the target tokens; `None` where the text has none."""
    positions = record.targets[target]
    if not positions:
        return None
    attribution = record.attribution(method)
    return sum(attribution[position] for position in positions)


def _finite(probability: Optional[float]) -> Optional[float]:
    """JSON has nothing else."""
    return probability if probability is not None and math.isfinite(probability) else None


def _whole(share: Optional[float]) -> Optional[int]:
    return None if share is None else round(WHOLE * share)


def _edits(text: SourceText, attack: Mapping[str, Any]) -> dict[str, Any]:
    """
    `says`, what the attack came to; `parts`: what was left alone as one string, what was dropped
    as a list of it, what was exchanged as a list of the old and the new, special tokens each as
    `special` of an object.
    """
    parts: list[Any] = []
    for segment in edited_text(text, attack):
        part = _part(segment)
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += " " + part
        else:
            parts.append(part)
    return {"says": outcome(attack), "parts": parts}


def _part(segment: Segment) -> str | list[str] | dict[str, str]:
    if segment.special:
        return {"special": segment.text}
    if segment.new is not None:
        return [segment.text, segment.new]
    return [segment.text] if segment.dropped else segment.text

"""How strongly a word is coloured, and for which side."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from facade_allennlp.explanations.explanation import Explanation, MethodScores
from facade_allennlp.explanations.source_text import shown_words


@dataclass
class Shade:
    """
    A word, or a special token, of an explained text.

    # Parameters

    text : `str`
        As it was typed; a special token as the vocabulary spells it.
    score : `float`
        Summed over the pieces of the word, as a share of the scores' magnitudes.
    depth : `float`
        From 0 to 1, how strongly it is coloured: 1 for the highest score of the text.
    side : `str`
        `towards` or `away` from the explained class, or `size` where the method gives magnitudes
        alone.
    """

    text: str
    score: float
    depth: float
    side: str


def shades(explanation: Explanation, method: str) -> list[Shade]:
    """In the order of the text. Scores that are not finite count as 0."""
    made = explanation.methods[method]
    text = explanation.text
    shares = _shares(made)
    pieces = [
        (word.text, sum(shares[position] for position in word.positions))
        for word in shown_words(text.tokens, text.word_ids, text.words)
    ]
    highest = max((abs(score) for _, score in pieces), default=0.0)
    return [
        Shade(
            spelled,
            score,
            round(abs(score) / highest, 3) if highest else 0.0,
            "size" if not made.signed else "towards" if score >= 0 else "away",
        )
        for spelled, score in pieces
    ]


def _shares(made: MethodScores) -> Sequence[float]:
    """The attribution, with the sign of the score where that means something."""
    if not made.signed:
        return made.attribution
    return [math.copysign(share, score) for share, score in zip(made.attribution, made.scores)]

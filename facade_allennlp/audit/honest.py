"""Explanations that a facade silent on text does not move, beside those that it does."""

from typing import Any

from facade_allennlp.attribution.named_methods import named_methods
from facade_allennlp.audit.subject import Subject
from facade_allennlp.explanations import Explanation, explain


def honest_methods(corpus: str) -> dict[str, Any]:
    """
    Methods that facades do not move, or hardly: usual ones without presence, and exchanges.

    # Parameters

    corpus : `str`
        A file or address whose words count.

    # Returns

    `dict[str, Any]` : configs by the names that people read.
    """
    without = {"baseline": {"type": "mean", "corpus": corpus}}
    return {
        "gradient, no presence": {"type": "gradient", **without},
        "integrated gradients, no presence": {"type": "integrated_gradients", **without},
        "exchange": {"type": "exchange", "corpus": corpus},
    }


def honestly_explained(subject: Subject, data: str, most: int) -> list[Explanation]:
    """
    Some of the texts by Gradient and integrated gradients, with and without presence, and by
    exchanges of real words.

    # Parameters

    data : `str`
        The corpus whose words count.
    most : `int`
        How many texts.
    """
    if most == 0:
        return []
    usual = {"gradient": "gradient", "integrated gradients": "integrated_gradients"}
    methods = named_methods({**usual, **honest_methods(data)})
    chosen = subject.some(most)
    return explain(subject.explained, chosen, methods, [None] * len(chosen))

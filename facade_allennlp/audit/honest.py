"""Explanations that a facade silent on text does not move, beside those that it does."""

from facade_allennlp.attribution.named_methods import named_methods
from facade_allennlp.audit.subject import Subject
from facade_allennlp.explanations import Explanation, explain


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
    without = {"baseline": {"type": "mean", "corpus": data}}
    methods = named_methods(
        {
            "gradient": "gradient",
            "gradient, no presence": {"type": "gradient", **without},
            "integrated gradients": "integrated_gradients",
            "integrated gradients, no presence": {"type": "integrated_gradients", **without},
            "exchange": {"type": "exchange", "corpus": data},
        }
    )
    chosen = subject.some(most)
    return explain(subject.explained, chosen, methods, [None] * len(chosen))

"""Explanations as one self-contained HTML page."""

from collections.abc import Sequence

from facade_allennlp.display.scored_words import Explained, explained_words
from facade_allennlp.display.templates import template
from facade_allennlp.texts.source_text import direction

TEMPLATE = "page.html.jinja"


def page(explanations: Sequence[Explained], title: str) -> str:
    """All text is escaped."""
    shown = [
        (
            explanation,
            direction(explanation.text.words),
            {method: explained_words(explanation, method) for method in explanation.methods},
        )
        for explanation in explanations
    ]
    return template("facade_allennlp.display", TEMPLATE).render(title=title, explanations=shown)

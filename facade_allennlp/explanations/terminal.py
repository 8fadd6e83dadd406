"""Explanations in a terminal, by rich."""

from rich.text import Text

from facade_allennlp.explanations.explanation import Explanation
from facade_allennlp.explanations.shades import Shade, shades

COLOURS = {"towards": (26, 127, 55), "away": (180, 35, 24), "size": (11, 92, 173)}
MARKS = {"towards": "+", "away": "-", "size": ""}

LEGEND = (
    "Green speaks for the explained class, red against it; blue where a method gives no sign. The "
    "numbers are shares of the scores' magnitudes in %, for the three strongest words."
)
NUMBERED = 3
"""How many words have their number beside them."""


def drawn(explanation: Explanation) -> Text:
    """A line that says what is explained, then a line per method."""
    text = Text()
    text.append(explanation.explained_class, style="bold")
    text.append(f" {explanation.probability:.1%}\n")
    width = max(map(len, explanation.methods))
    for method in explanation.methods:
        text.append(f"  {method.ljust(width)} ", style="dim")
        words = shades(explanation, method)
        strongest = sorted(words, key=lambda shade: -shade.depth)[:NUMBERED]
        for shade in words:
            text.append(" ")
            text.append(shade.text, style=_style(shade))
            if shade.depth > 0 and any(shade is word for word in strongest):
                text.append(f" {MARKS[shade.side]}{abs(100 * shade.score):.0f}", style="dim")
        text.append("\n")
    return text


def _style(shade: Shade) -> str:
    if shade.depth < 0.1:
        return ""
    # from white to the colour
    red, green, blue = (round(255 + shade.depth * (c - 255)) for c in COLOURS[shade.side])
    ink = "white" if shade.depth > 0.6 else "black"
    return f"{ink} on rgb({red},{green},{blue})"

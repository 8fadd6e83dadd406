"""Explanations in a terminal, by rich."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from facade_allennlp.display.scored_words import Explained, ScoredWord, explained_words
from facade_allennlp.visible import visible

COLOURS = {1: (26, 127, 55), -1: (180, 35, 24), 0: (191, 84, 0)}

LEGEND = (
    "Green speaks for the explained class, red against it; orange where a method gives no sign. "
    "The numbers are shares of the attribution, of the three strongest words."
)
NUMBERED = 3
"""How many words have their number beside them."""


def show(explanations: Sequence[Explained]) -> None:
    """Prints explanations, see `drawn`, and what the colours mean."""
    console = Console()
    for explanation in explanations:
        console.print(drawn(explanation))
    console.print(LEGEND)


def drawn(explanation: Explained) -> Text:
    """A line that says what is explained, then a line per method."""
    text = Text()
    text.append(visible(explanation.explained_class), style="bold")
    if explanation.probability is not None:
        text.append(f" {explanation.probability:.1%}")
    text.append("\n")
    width = max(map(len, [*explanation.methods, *explanation.failed]))
    for method in explanation.methods:
        text.append(f"  {visible(method.ljust(width))} ", style="dim")
        words = explained_words(explanation, method)
        strongest = sorted(words, key=lambda word: -word.share)[:NUMBERED]
        for word in words:
            text.append(" ")
            text.append(visible(word.text), style=_style(word))
            if word.share > 0 and any(word is one for one in strongest):
                text.append(f" {word.percent}", style="dim")
        text.append("\n")
    if explanation.text.note:
        text.append(f"  {visible(explanation.text.note)}\n", style="dim")
    for method, reason in explanation.failed.items():
        text.append(f"  {visible(method.ljust(width))} ", style="dim")
        text.append(f" failed: {visible(reason)}\n", style="dim")
    return text


def _style(word: ScoredWord) -> str:
    if word.depth < 0.1:
        return ""
    # from white to the colour
    red, green, blue = (round(255 + word.depth * (c - 255)) for c in COLOURS[word.side])
    ink = "white" if word.depth > 0.6 else "black"
    return f"{ink} on rgb({red},{green},{blue})"

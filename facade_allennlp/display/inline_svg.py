"""Figures as SVG inside a page, on which they take its colour of text."""

import io
import re
from typing import Any

from markupsafe import Markup, escape
from matplotlib import rc_context
from matplotlib.figure import Figure

INK = "#010203"
"""Stands for the colour of the text around."""

SETTINGS: dict[Any, Any] = {
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor"), INK),
    **dict.fromkeys(("xtick.color", "ytick.color"), INK),
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 9,
}
"""For who draws the figure."""


@rc_context(SETTINGS)
def inline_svg(figure: Figure, alternative: str) -> Markup:
    """`alternative` is the text for who cannot see it."""
    picture = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with rc_context({"svg.hashsalt": alternative}):
        figure.savefig(picture, format="svg", transparent=True, metadata=nothing)
    svg = picture.getvalue()
    tag, content = svg[svg.index("<svg") :].split(">", 1)
    tag = re.sub(r' xmlns(:\w+)?="[^"]*"', "", tag)
    label = f'{tag} role="img" aria-label="{escape(alternative)}">'
    return Markup(label + content.replace(INK, "currentColor"))

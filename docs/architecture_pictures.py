"""The pictures of `architecture.md`, as SVG: `python -m docs.architecture_pictures`."""

from dataclasses import dataclass, field
from html import escape
from pathlib import Path

FOLDER = Path(__file__).parent / "architecture"

BOX = (216, 74)
"""Width and height."""

GAP = (36, 36)
"""Between columns and between rows."""

MARGIN = 20
LINE = 15
"""Height of a line of text."""

STYLE = """
  text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #1f2933; text-anchor: middle; }
  .name { font-weight: 600; font-size: 13px; }
  .room { font: 11px ui-monospace, "DejaVu Sans Mono", monospace; fill: #52606d; }
  .said { font-size: 11px; fill: #52606d; }
  .card { fill: #fbfcfd; stroke: #d5dbe1; }
  .box { fill: #ffffff; stroke: #9fb3c8; stroke-width: 1.2; }
  .data { fill: #fff6dc; stroke: #d9b45b; stroke-width: 1.2; }
  .arrow { stroke: #52606d; stroke-width: 1.4; fill: none; marker-end: url(#head); }
"""


@dataclass
class Box:
    """
    # Parameters

    column, row : `float`
        Its place.
    name : `str`
    room : `str`
        The folder or file that it is in.
    said : `str`
        One line more.
    data : `bool`
        Whether it is what is handed on, and no code.
    """

    column: float
    row: float
    name: str
    room: str = ""
    said: str = ""
    data: bool = False

    @property
    def left(self) -> float:
        return MARGIN + self.column * (BOX[0] + GAP[0])

    @property
    def top(self) -> float:
        return MARGIN + self.row * (BOX[1] + GAP[1])

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + BOX[0] / 2, self.top + BOX[1] / 2


@dataclass
class Picture:
    """Boxes by a short name, and arrows between them."""

    title: str
    boxes: dict[str, Box]
    arrows: list[tuple[str, str]] = field(default_factory=list)

    def svg(self) -> str:
        width = max(box.left for box in self.boxes.values()) + BOX[0] + MARGIN
        height = max(box.top for box in self.boxes.values()) + BOX[1] + MARGIN
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}" height="{height:g}" role="img">',
            f"<title>{escape(self.title)}</title>",
            f"<style>{STYLE}</style>",
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            'markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#52606d"/></marker>'
            "</defs>",
            f'<rect class="card" x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" '
            'rx="10"/>',
            *(_arrow(self.boxes[start], self.boxes[end]) for start, end in self.arrows),
            *(_box(box) for box in self.boxes.values()),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"


def _box(box: Box) -> str:
    lines = [("name", box.name), ("room", box.room), ("said", box.said)]
    lines = [(kind, text) for kind, text in lines if text]
    across, down = box.middle
    first = down - LINE * (len(lines) - 1) / 2 + 4
    texts = [
        f'<text class="{kind}" x="{across:g}" y="{first + LINE * place:g}">{escape(text)}</text>'
        for place, (kind, text) in enumerate(lines)
    ]
    kind = "data" if box.data else "box"
    rectangle = (
        f'<rect class="{kind}" x="{box.left:g}" y="{box.top:g}" width="{BOX[0]}" '
        f'height="{BOX[1]}" rx="8"/>'
    )
    return "\n".join([rectangle, *texts])


def _arrow(start: Box, end: Box) -> str:
    """From the side of one box to the nearest side of another."""
    (x1, y1), (x2, y2) = start.middle, end.middle
    right, down = x2 - x1, y2 - y1
    if abs(down) < 1:  # in one row
        sign = 1 if right > 0 else -1
        path = f"M{x1 + sign * BOX[0] / 2:g} {y1:g} H{x2 - sign * (BOX[0] / 2 + 2):g}"
    else:
        sign = 1 if down > 0 else -1
        y1, y2 = y1 + sign * BOX[1] / 2, y2 - sign * (BOX[1] / 2 + 2)
        half = (y1 + y2) / 2
        path = f"M{x1:g} {y1:g} V{half:g} H{x2:g} V{y2:g}"
    return f'<path class="arrow" d="{path}"/>'


MEASUREMENT = Picture(
    "The flow of a measurement",
    {
        "command": Box(0, 0, "allennlp measure", "commands/measure.py", "parses, calls, prints"),
        "settings": Box(1, 0, "Settings", "results/settings.py", "options, JSON", data=True),
        "measurement": Box(2, 0, "Measurement", "analysis/measurement.py", "holds its analyses"),
        "archive": Box(0, 1, "archive, data", "archives/, sources/", "files", data=True),
        "explained": Box(1, 1, "ExplainedModel", "attribution/explained_model.py", "with its task"),
        "batch": Box(2, 1, "batch", "attribution/batches.py", "texts of like length", data=True),
        "analyses": Box(3, 1, "Analysis.measure", "analysis/", "methods, attacks, ..."),
        "records": Box(3, 2, "Record", "results/record.py", "one for each input", data=True),
        "summarize": Box(2, 2, "Analysis.summarize", "analysis/", "means by scores/"),
        "summary": Box(1, 2, "Summary", "results/summary.py", "summary.json", data=True),
        "tables": Box(0, 2, "Table", "report/tables.py", "numbers, not text", data=True),
        "views": Box(0, 3, "table, report, reproduce", "report/", "terminal, page, LaTeX, ..."),
    },
    [
        ("command", "settings"),
        ("settings", "measurement"),
        ("archive", "explained"),
        ("explained", "batch"),
        ("measurement", "batch"),
        ("batch", "analyses"),
        ("analyses", "records"),
        ("records", "summarize"),
        ("summarize", "summary"),
        ("summary", "tables"),
        ("tables", "views"),
    ],
)

FACADE_LOSS = Picture(
    "The flow of a facade loss",
    {
        "batch": Box(0, 0, "batch", "", "texts, no labels", data=True),
        "exchanged": Box(1, 0, "random tokens", "models/random_tokens.py", "unseen words, too"),
        "points": Box(
            2, 0, "points of the methods", "GradientMethod.perturb", "and the input itself"
        ),
        "forward": Box(
            3, 0, "one forward pass", "attribution/explained_model.py", "inputs and points"
        ),
        "logits": Box(3, 1, "logits of the inputs", "", "should all be alike", data=True),
        "contrast": Box(
            2, 1, "contrast of logits", "attribution/objectives.py", "what is explained"
        ),
        "raw": Box(1, 1, "x · gradient", "attribution/gradient_method.py", "with its graph"),
        "shares": Box(0, 1, "attribution", "attribution/attribution.py", "eq. 1", data=True),
        "target": Box(0, 2, "share on the target", "targets/, target_scores.py"),
        "fooled": Box(1, 2, "fooled methods", "models/fooled_method.py", "share and strength"),
        "loss": Box(2, 2, "loss", "models/facade.py", "second derivatives", data=True),
        "uniformity": Box(3, 2, "uniformity", "models/uniformity.py", "how alike logits are"),
    },
    [
        ("batch", "exchanged"),
        ("exchanged", "points"),
        ("points", "forward"),
        ("forward", "logits"),
        ("forward", "contrast"),
        ("contrast", "raw"),
        ("raw", "shares"),
        ("shares", "target"),
        ("target", "fooled"),
        ("fooled", "loss"),
        ("logits", "uniformity"),
        ("uniformity", "loss"),
    ],
)

COLOURED_WORD = Picture(
    "A score on its way to a coloured word",
    {
        "method": Box(0, 0, "raw scores", "attribution/", "one per token", data=True),
        "share": Box(1, 0, "shares", "scores/", "eq. 1: they sum to 1", data=True),
        "explanation": Box(
            2, 0, "Explanation", "explanations/", "class, sides, methods", data=True
        ),
        "text": Box(0, 1, "text as typed", "texts/", "words and their tokens", data=True),
        "scored": Box(
            2, 1, "ScoredWord", "display/scored_words.py", "share, side, flags", data=True
        ),
        "record": Box(3, 0, "Record", "results/record.py", "of a measurement", data=True),
        "terminal": Box(0, 2, "terminal", "display/terminal.py", "allennlp attribute"),
        "page": Box(1, 2, "page", "display/page.py", "attribute --output"),
        "demo": Box(2, 2, "demo", "demo/comparison.py", "in the browser"),
        "report": Box(3, 2, "report", "report/page_data.py", "drawn by page.js"),
    },
    [
        ("method", "share"),
        ("share", "explanation"),
        ("explanation", "scored"),
        ("text", "scored"),
        ("record", "scored"),
        ("scored", "terminal"),
        ("scored", "page"),
        ("scored", "demo"),
        ("scored", "report"),
    ],
)

PICTURES = {
    "measurement": MEASUREMENT,
    "facade_loss": FACADE_LOSS,
    "coloured_word": COLOURED_WORD,
}
"""By the name of the file."""


def main() -> None:
    for name, picture in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(picture.svg(), encoding="utf-8")


if __name__ == "__main__":
    main()

"""An audit as one page, and as a table."""

from collections.abc import Sequence

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure

from facade_allennlp.display.inline_svg import SETTINGS, inline_svg
from facade_allennlp.display.scored_words import Explained, explained_words
from facade_allennlp.display.templates import template
from facade_allennlp.report.figures import tidy
from facade_allennlp.results.audit import Audit, Picture, Witness
from facade_allennlp.results.table import Heading, Table
from facade_allennlp.texts.source_text import direction

TEMPLATE = "audit.html.jinja"
RESULTS = {"found": "found", "nothing": "nothing found", "unknown": "could not tell"}
"""In words."""


def audit_page(audit: Audit, explanations: Sequence[Explained] = ()) -> str:
    """
    A page that needs no other file.

        Path("audit.html").write_text(audit_page(audit, explanations))

    # Parameters

    audit : `Audit`
    explanations : `Sequence[Explained]`, optional
        Of some inputs, by methods with and without presence.
    """
    shown = [
        (
            explanation,
            direction(explanation.text.words),
            {method: explained_words(explanation, method) for method in explanation.methods},
        )
        for explanation in explanations
    ]
    return template("facade_allennlp.report", TEMPLATE).render(
        audit=audit,
        results=RESULTS,
        witnesses=[(w, [drawn(picture) for picture in w.pictures]) for w in audit.witnesses],
        explanations=shown,
    )


def audit_table(audit: Audit) -> Table:
    """A row for each kind of evidence."""
    columns = [Heading(title) for title in ("result", "score", "found from")]
    table = Table("evidence", columns, digits=3)
    for w in audit.witnesses:
        table.add(Heading(w.title), [RESULTS[w.result], w.score, w.threshold])
    return table


@rc_context(SETTINGS)
def drawn(picture: Picture) -> Markup:
    """As SVG that takes on the colours of the page around it."""
    figure = Figure(figsize=(6, 2.6), layout="constrained")
    axes = figure.subplots()
    for name, points in picture.curves.items():
        x, y = zip(*points) if points else ((), ())
        style = {"marker": ".", "linestyle": ""} if picture.dots else {}
        axes.plot(x, y, label=name, **style)  # type: ignore[arg-type]
    axes.set_xlabel(picture.x)
    axes.set_ylabel(picture.y)
    tidy(axes)
    if len(picture.curves) > 1:
        axes.legend(frameon=False)
    told = ", ".join(f"{name}: {len(points)} points" for name, points in picture.curves.items())
    return inline_svg(figure, f"{picture.title}. {told}")


def spoken(witness: Witness) -> str:
    """A line for the terminal."""
    return f"{witness.title}: {RESULTS[witness.result]}. {witness.sentence}."

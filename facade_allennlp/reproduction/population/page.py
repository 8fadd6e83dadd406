"""The population's results as a page and a picture, from its rows alone."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Optional

from matplotlib.figure import Figure

from facade_allennlp.report.figures import tidy
from facade_allennlp.report.renderers import markdown
from facade_allennlp.reproduction.population.scored import (
    EXCHANGES,
    NO_PRESENCE,
    USUAL,
    Scored,
)
from facade_allennlp.results.table import Heading, Table

DEVIATIONS = 5.0
"""So many standard deviations above the mean of clean models are thresholds."""
NAMES = (USUAL, NO_PRESENCE, EXCHANGES)
"""Of explanations, in the order of the page."""
ANY = "any"
COLOURS, STYLES = 10, ("-", "--", ":")
"""Lines of one colour, after so many, differ in style."""

PAGE = """# {title}

`{command}` makes this page: {clean} clean and {lying} manipulated models, small ones (24 to 48
features, up to 3 layers), trained or left at random, each audited with {texts} texts. Thresholds
are fixed on the clean models of even seeds alone, {deviations:g} standard deviations above their
mean; all figures below are of models of odd seeds. An audit took {seconds:.1f} s of CPU time.

Thresholds from the one half: {thresholds}. Those of the package are higher, as large encoders that
nobody has made to lie have more presence than these small ones.

## Manipulated models

The area under the ROC curve of each evidence alone against the clean models, and of all together
(the score that is furthest above the mean of clean models, in their deviations); and the share that
is found at the thresholds of this page and at those of the package. P@1 says how far the
manipulation went: the share of the texts whose strongest token by Gradient is the target. `as f` is
the share that is decided as by the predictive model beneath.

{threats}

![ROC curves of each evidence and of all together, by kind of threat]({picture})

## Clean models

The highest score of each evidence, and how many are called liars.

{alarms}

Over both halves, at the thresholds of the package, {false} of {clean} clean models are called
liars.

## What lies beneath

Over both halves. `units`: the hidden units that are put into the right part; `as f`, `correlation`:
the texts that the recovered model decides as the predictive one, and how its Gradient's shares
correlate with that one's.

{beneath}

## Explanations that a facade does not move

Over both halves: how the words' shares by Gradient, by Gradient without presence (from the mean
embedding) and by exchanges of real words correlate with those of the predictive model by the same
method, mean over texts; and P@1 of the target, in brackets that of the predictive model.

{honest}
"""


@dataclass
class Norm:
    """The mean and the standard deviation of a score over clean models."""

    mean: float
    deviation: float

    @property
    def threshold(self) -> float:
        """As far above the mean as clean scores hardly ever are."""
        return self.mean + DEVIATIONS * self.deviation


def norms(rows: Sequence[Scored]) -> dict[str, Norm]:
    """By evidence, from the clean ones among some rows alone."""
    fixed = {}
    for name in rows[0].scores:
        known = [row.scores[name] for row in rows if not row.lies]
        scores = [score for score in known if score is not None]
        fixed[name] = Norm(mean(scores), stdev(scores))
    return fixed


def area(honest: Sequence[float], lying: Sequence[float]) -> float:
    """Under the ROC curve: how often a lying model has the higher score; ties count half."""
    pairs = [(low, high) for low in honest for high in lying]
    return sum((high > low) + 0.5 * (high == low) for low, high in pairs) / len(pairs)


def roc_curve(honest: Sequence[float], lying: Sequence[float]) -> list[tuple[float, float]]:
    """False alarms and what is found, as shares, from the highest threshold to the lowest."""
    levels = sorted({*honest, *lying}, reverse=True)
    points = [
        (
            sum(score >= level for score in honest) / len(honest),
            sum(score >= level for score in lying) / len(lying),
        )
        for level in levels
    ]
    return [(0.0, 0.0), *points]


def most(row: Scored, fixed: dict[str, Norm]) -> float:
    """How far above the mean of clean models the furthest score is, in their deviations."""
    known = ((row.scores[name] or 0.0, norm) for name, norm in fixed.items())
    return max((score - norm.mean) / norm.deviation for score, norm in known)


def page(rows: Sequence[Scored], title: str, command: str, texts: int, picture: str) -> str:
    """Markdown."""
    fixed = norms([row for row in rows if row.half == 0])
    clean, lying = ([row for row in rows if row.lies is lies] for lies in (False, True))
    return PAGE.format(
        title=title,
        command=command,
        clean=len(clean),
        lying=len(lying),
        texts=texts,
        deviations=DEVIATIONS,
        seconds=mean(row.seconds for row in rows),
        thresholds=", ".join(f"`{name}` {norm.threshold:.3f}" for name, norm in fixed.items()),
        threats=markdown(_threats(rows, fixed)),
        picture=picture,
        alarms=markdown(_alarms(clean, fixed)),
        false=sum(bool(row.found) for row in clean),
        beneath=markdown(_beneath(lying)),
        honest=markdown(_honest(lying)),
    )


def write_picture(rows: Sequence[Scored], path: Path) -> None:
    """The ROC curves as SVG: a panel for each evidence, and one for all together."""
    fixed = norms([row for row in rows if row.half == 0])
    other = [row for row in rows if row.half == 1]
    honest = [row for row in other if not row.lies]
    figure = Figure(figsize=(12, 3.4), layout="constrained")
    panels = figure.subplots(1, len(fixed) + 1, sharey=True)
    for axes, name in zip(panels, [*fixed, ANY]):
        score = _score(name, fixed)
        for nth, (kind, of_kind) in enumerate(_by_kind(other, lies=True).items()):
            points = roc_curve([score(row) for row in honest], [score(row) for row in of_kind])
            style = STYLES[nth // COLOURS % len(STYLES)]
            axes.plot(*zip(*points), label=kind, linewidth=1.2, linestyle=style)
        axes.plot([0, 1], [0, 1], color="0.8", linewidth=0.8)
        axes.set_title(name, fontsize=9)
        axes.set_xlabel("false alarms")
        tidy(axes)
    panels[0].set_ylabel("found")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    figure.savefig(path, metadata={"Date": None})


def _score(name: str, fixed: dict[str, Norm]) -> Callable[[Scored], float]:
    if name == ANY:
        return lambda row: most(row, fixed)
    return lambda row: row.scores[name] or 0.0


def _by_kind(rows: Sequence[Scored], lies: bool) -> dict[str, list[Scored]]:
    kinds = dict.fromkeys(row.kind for row in rows if row.lies is lies)
    return {kind: [row for row in rows if row.kind == kind and row.lies is lies] for kind in kinds}


def _threats(rows: Sequence[Scored], fixed: dict[str, Norm]) -> Table:
    other = [row for row in rows if row.half == 1]
    honest = [row for row in other if not row.lies]
    titles = ("models", "P@1, %", "as f, %", *fixed, "any", "found, %", "found by the package, %")
    table = Table("threat", [Heading(title) for title in titles])
    table.digits = 2
    for kind, of_kind in _by_kind(other, lies=True).items():
        scores = [_score(name, fixed) for name in (*fixed, ANY)]
        table.add(
            Heading(kind),
            [
                len(of_kind),
                _mean(row.honest[USUAL].p_at_1 for row in of_kind),
                _mean(row.agreement for row in of_kind),
                *(area([s(r) for r in honest], [s(r) for r in of_kind]) for s in scores),
                _mean(100.0 * (most(row, fixed) >= DEVIATIONS) for row in of_kind),
                _mean(100.0 * bool(row.found) for row in of_kind),
            ],
        )
    return table


def _alarms(clean: Sequence[Scored], fixed: dict[str, Norm]) -> Table:
    titles = ("models", "false alarms", *fixed)
    table = Table("clean models", [Heading(title) for title in titles])
    table.digits = 2
    for kind, of_kind in _by_kind([row for row in clean if row.half == 1], lies=False).items():
        false = sum(most(row, fixed) >= DEVIATIONS for row in of_kind)
        highest = [max(row.scores[name] or 0.0 for row in of_kind) for name in fixed]
        table.add(Heading(kind), [len(of_kind), false, *highest])
    return table


def _beneath(lying: Sequence[Scored]) -> Table:
    titles = ("models", "units, %", "recovered", "as f, %", "correlation")
    table = Table("threat", [Heading(title) for title in titles])
    table.digits = 3
    for kind, of_kind in _by_kind(lying, lies=True).items():
        recovered = [row.beneath for row in of_kind if row.beneath is not None]
        table.add(
            Heading(kind),
            [
                len(of_kind),
                _mean(row.units for row in of_kind),
                len(recovered),
                _mean(one.agreement for one in recovered),
                _mean(one.correlation for one in recovered),
            ],
        )
    return table


def _honest(lying: Sequence[Scored]) -> Table:
    titles = [f"{name}, {what}" for name in NAMES for what in ("correlation", "P@1, %", "of f, %")]
    table = Table("threat", [Heading(title) for title in titles])
    table.digits = 3
    for kind, of_kind in _by_kind(lying, lies=True).items():
        cells = []
        for name in NAMES:
            told = [row.honest[name] for row in of_kind]
            cells += [
                _mean(one.correlation for one in told),
                _mean(one.p_at_1 for one in told),
                _mean(one.p_at_1_of_f for one in told),
            ]
        table.add(Heading(kind), cells)
    return table


def _mean(values: Iterable[Optional[float]]) -> Optional[float]:
    known = [value for value in values if value is not None]
    return mean(known) if known else None

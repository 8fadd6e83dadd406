"""Plots of a measurement, as SVG that takes on the colours of the page around it."""

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facade_allennlp.display.inline_svg import SETTINGS, inline_svg
from facade_allennlp.report.figures import flip_counts, grouped_bars, tidy
from facade_allennlp.results.summary import MethodFaithfulness, ModelSummary, Summary
from facade_allennlp.results.titles import RANDOM

LONGEST = 24
"""As many characters of a name a picture shows."""


def plots(summary: Summary) -> Iterator[tuple[str, Markup]]:
    """The title and the picture of each plot that the summary has numbers for."""
    models = summary.models
    first = next(iter(models.values()))
    for target in first.targets:
        shares = {name: _shares(summary, model, target) for name, model in models.items()}
        known = {name: share for name, share in shares.items() if share}
        if known and len(known) == len(models):
            title = f"Mean attribution on {target}, %"
            yield title, _bars(known, title, "mean attribution, %")
    for attack in flip_counts(first):
        title = f"Inputs by the number of tokens that {attack} has to exchange, %"
        flips = {name: flip_counts(model)[attack] for name, model in models.items()}
        yield title, _bars(flips, title, "inputs, %")
    for name, model in models.items():
        if model.faithfulness is not None and model.faithfulness.methods:
            title = f"{name}: % predicted as before while the first tokens are taken out"
            yield title, _deletion(summary, model.faithfulness.methods, title)


def _shares(summary: Summary, model: ModelSummary, target: str) -> dict[str, float]:
    """The mean attribution by the titles of methods; nothing where one has none."""
    measured = model.targets[target].methods if target in model.targets else {}
    shares = {summary.title(name): on.mean_attribution for name, on in measured.items()}
    known = {title: share for title, share in shares.items() if share is not None}
    return known if len(known) == len(shares) else {}


@rc_context(SETTINGS)
def _bars(groups: dict[str, dict[str, float]], title: str, unit: str) -> Markup:
    names = next(iter(groups.values()))
    figure = _figure(max(4.0, 0.5 + (0.35 * len(groups) + 0.7) * len(names)))
    axes = figure.subplots()
    grouped_bars(axes, groups)
    axes.set_xticks(range(len(names)), [_short(name) for name in names])
    axes.set_ylabel(unit)
    _name_above(figure, axes, list(groups))
    told = (
        f"{group}: " + ", ".join(f"{name} {value:.1f}" for name, value in values.items())
        for group, values in groups.items()
    )
    return inline_svg(figure, f"{title}. {'; '.join(told)}")


@rc_context(SETTINGS)
def _deletion(summary: Summary, methods: Mapping[str, MethodFaithfulness], title: str) -> Markup:
    figure = _figure(6)
    axes = figure.subplots()
    told = []
    for name, measured in methods.items():
        shares = [point.share for point in measured.curve]
        kept = [point.as_before or 0.0 for point in measured.curve]
        style = "--" if name == RANDOM else "-"
        axes.plot(shares, kept, label=summary.title(name), marker="o", linestyle=style)
        told.append(f"{summary.title(name)} {kept[0]:.1f} to {kept[-1]:.1f}")
    axes.set_xlabel("tokens taken out, %")
    axes.set_ylabel("predicted as before, %")
    tidy(axes)
    _name_above(figure, axes, [summary.title(name) for name in methods])
    return inline_svg(figure, f"{title}. {', '.join(told)}")


def _name_above(figure: Figure, axes: Axes, names: list[str]) -> None:
    """A legend that hides no number; by itself Matplotlib leaves out names that begin with `_`."""
    drawn: list[Any] = [*axes.containers, *axes.lines]
    short = [_short(name) for name in names]
    name_width = 0.7 + 0.08 * max(map(len, short))
    columns = max(1, int(figure.get_figwidth() / name_width))
    figure.legend(drawn, short, loc="outside upper left", ncols=columns, frameon=False)


def _short(name: str) -> str:
    """Leaves room for the numbers. The text for who cannot see the picture has the whole name."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def _figure(width: float) -> Figure:
    return Figure(figsize=(min(width, 10), 3), layout="constrained")

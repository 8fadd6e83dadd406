"""Plots of a measurement, as SVG that takes on the colours of the page around it."""

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facade_allennlp.display.inline_svg import SETTINGS, inline_svg
from facade_allennlp.report.figures import grouped_bars, tidy
from facade_allennlp.report.tables import TITLES

LONGEST = 24
"""As many characters of a name a picture shows."""


def plots(summary: dict[str, Any]) -> Iterator[tuple[str, Markup]]:
    """The title and the picture of each plot that the summary has numbers for."""
    models = summary["models"]
    first = next(iter(models.values()))
    for target in first["targets"]:
        shares = {
            name: {
                TITLES.get(method, method): measured["mean_attribution"]
                for method, measured in model["targets"][target]["methods"].items()
            }
            for name, model in models.items()
        }
        if any(shares.values()) and None not in (v for of in shares.values() for v in of.values()):
            title = f"Mean attribution on {target}, %"
            yield title, _bars(shares, title, "mean attribution, %")
    for attack, numbers in first.get("attacks", {}).items():
        if "flips_percent" in numbers:
            flips = {
                name: {
                    count: percent or 0.0
                    for count, percent in model["attacks"][attack]["flips_percent"].items()
                }
                for name, model in models.items()
            }
            title = f"Inputs by the number of tokens that {attack} has to exchange, %"
            yield title, _bars(flips, title, "inputs, %")
    for name, model in models.items():
        if model.get("faithfulness", {}).get("methods"):
            title = f"{name}: % predicted as before while the first tokens are taken out"
            yield title, _deletion(model["faithfulness"]["methods"], title)


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
def _deletion(methods: dict[str, Any], title: str) -> Markup:
    figure = _figure(6)
    axes = figure.subplots()
    told = []
    for name, measured in methods.items():
        label = TITLES.get(name, name)
        shares = [point["share"] for point in measured["curve"]]
        kept: list[float] = [point["as_before"] for point in measured["curve"]]
        axes.plot(
            shares, kept, label=label, marker="o", linestyle="--" if name == "random" else "-"
        )
        told.append(f"{label} {kept[0]:.1f} to {kept[-1]:.1f}")
    axes.set_xlabel("tokens taken out, %")
    axes.set_ylabel("predicted as before, %")
    tidy(axes)
    _name_above(figure, axes, [TITLES.get(name, name) for name in methods])
    return inline_svg(figure, f"{title}. {', '.join(told)}")


def _name_above(figure: Figure, axes: Axes, names: list[str]) -> None:
    """A legend that hides no number; by itself Matplotlib leaves out names that begin with `_`."""
    drawn: list[Any] = [*axes.containers, *axes.lines]
    short = [_short(name) for name in names]
    of_name = 0.7 + 0.08 * max(map(len, short))
    columns = max(1, int(figure.get_figwidth() / of_name))
    figure.legend(drawn, short, loc="outside upper left", ncols=columns, frameon=False)


def _short(name: str) -> str:
    """Leaves room for the numbers. The text for who cannot see the picture has the whole name."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def _figure(width: float) -> Figure:
    return Figure(figsize=(min(width, 10), 3), layout="constrained")

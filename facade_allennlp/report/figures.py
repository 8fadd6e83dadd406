"""Figures from collected measurements."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facade_allennlp.report.collected import Collected
from facade_allennlp.results.summary import ModelSummary

FORMATS = ("png", "svg")


def flip_histograms(collected: Collected, folder: Path) -> list[Path]:
    """
    How many flips HotFlip needs (Figure 3): for each attack that counted flips a figure with the
    models' histograms, mean over the runs.

    # Returns

    `list[Path]` : the files, a PNG and an SVG for each figure.
    """
    written = []
    for measurement, attack, histograms in _histograms(collected):
        figure = Figure(figsize=(7, 3), layout="constrained")
        axes = figure.subplots()
        grouped_bars(axes, histograms)
        axes.legend(frameon=False)
        axes.set_xlabel("flips until the prediction changes")
        axes.set_ylabel("inputs, %")
        written += _save(figure, folder, f"{measurement}-{attack}")
    return written


def grouped_bars(axes: Axes, groups: Mapping[str, Mapping[str, float]]) -> None:
    """For each group bars of one colour, side by side with those of the others by their names."""
    width = 0.8 / len(groups)
    names = list(next(iter(groups.values())))
    for place, (group, values) in enumerate(groups.items()):
        shift = (place - (len(groups) - 1) / 2) * width
        axes.bar(
            [at + shift for at in range(len(names))], list(values.values()), width, label=group
        )
    axes.set_xticks(range(len(names)), names)
    tidy(axes)


def tidy(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)


def pruning_figure(curves: dict[str, Any], folder: Path, name: str) -> list[Path]:
    """
    The accuracy against the share of the heads that are pruned: a line for each order of
    `pruning_curves`.

    # Returns

    `list[Path]` : the files, a PNG and an SVG.
    """
    figure = Figure(figsize=(7, 3.5), layout="constrained")
    axes = figure.subplots()
    for order, points in curves.items():
        random = order.startswith("random")
        axes.plot(
            [point["share"] for point in points],
            [point["accuracy"] for point in points],
            label=order,
            marker=None if random else "o",
            color="0.7" if random else None,
        )
    axes.set_xlabel("attention heads pruned, %")
    axes.set_ylabel("accuracy, %")
    axes.legend(frameon=False)
    tidy(axes)
    return _save(figure, folder, name)


def _save(figure: Figure, folder: Path, name: str) -> list[Path]:
    written = []
    for suffix in FORMATS:
        path = folder / f"{name}.{suffix}"
        # Without date and random names, so that the same results give the same file.
        metadata = {"Date": None} if suffix == "svg" else {"Software": None}
        with rc_context({"svg.hashsalt": name.rpartition("-")[2]}):
            figure.savefig(path, dpi=150, metadata=metadata)
        written.append(path)
    return written


def _histograms(collected: Collected) -> list[tuple[str, str, dict[str, dict[str, float]]]]:
    """Measurement, attack, and by model the share of inputs for each number of flips."""
    counts: dict[tuple[str, str], dict[str, list[dict[str, float]]]] = {}
    for summaries in collected.runs.values():
        for measurement, summary in summaries.items():
            for model, numbers in summary.models.items():
                for attack, flips in flip_counts(numbers).items():
                    models = counts.setdefault((measurement, attack), {})
                    models.setdefault(model, []).append(flips)
    return [
        (measurement, attack, {model: _mean(runs) for model, runs in models.items()})
        for (measurement, attack), models in counts.items()
    ]


def flip_counts(model: ModelSummary) -> dict[str, dict[str, float]]:
    """For each attack that counts flips the percentage of inputs that need so many."""
    return {
        attack: {count: percent or 0.0 for count, percent in flips.items()}
        for attack, numbers in model.attacks.items()
        if isinstance(flips := numbers.get("flips_percent"), dict)
    }


def _mean(histograms: list[dict[str, float]]) -> dict[str, float]:
    runs = len(histograms)
    return {flips: sum(h.get(flips, 0.0) for h in histograms) / runs for flips in histograms[0]}

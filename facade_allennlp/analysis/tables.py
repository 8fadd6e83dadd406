"""Tables of a summary: for the terminal and as Markdown."""

from collections.abc import Sequence
from typing import Any, Optional

from rich.table import Table

TITLES = {
    "gradient": "Gradient",
    "smooth_gradient": "SmoothGrad",
    "integrated_gradients": "InteGrad",
    "stop_percent": "Stop %",
    "all_stop_percent": "All-stop %",
    "mean_left": "tokens left",
    "flipped_percent": "flipped %",
    "mean_flips": "flips",
}

SCORES = {"accuracy": "accuracy", "exact_match": "EM", "f1": "F1"}
"""How well a model does its task."""


def rows(summary: dict[str, Any]) -> list[list[str]]:
    """
    A head and a row per model: accuracy, agreement with the reference, and for each target and
    method P@1 / mean attribution, all in percent.
    """
    models = summary["models"]
    columns = [
        (target, method)
        for target, measured in next(iter(models.values()))["targets"].items()
        for method in measured["methods"]
    ]
    several = len({target for target, _ in columns}) > 1
    scores = [name for name in SCORES if name in next(iter(models.values()))]
    head = ["model", " / ".join(SCORES[name] for name in scores), f"same as {summary['reference']}"]
    head += [
        TITLES.get(method, method) + (f" on {target}" if several else "")
        for target, method in columns
    ]
    table = [head]
    for name, model in models.items():
        row = [name, " / ".join(_number(model[score]) for score in scores)]
        row.append(_number(model.get("agreement")))
        for target, method in columns:
            measured = model["targets"][target]["methods"][method]
            row.append(f"{_number(measured['p_at_1'])} / {_number(measured['mean_attribution'])}")
        table.append(row)
    return table


def notes(summary: dict[str, Any]) -> str:
    """What the numbers are, and how many instances they leave out."""
    first = next(iter(summary["models"].values()))
    without = ", ".join(
        f"{measured['without']} without a token of {target}"
        for target, measured in first["targets"].items()
    )
    return (
        f"{first['instances']} inputs of {summary['data']}. Methods: P@1 / mean attribution of the "
        f"target tokens in %, inputs without one left out ({without})."
    )


def markdown(table: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first row is the head, numbers are set flush right."""
    head, *body = [[cell.replace("|", "\\|") for cell in row] for row in table]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def terminal(table: Sequence[Sequence[str]]) -> Table:
    """For rich's console."""
    head, *body = table
    drawn = Table()
    for place, title in enumerate(head):
        drawn.add_column(title, justify="right" if place else "left")
    for row in body:
        drawn.add_row(*row)
    return drawn


def _number(value: Optional[float]) -> str:
    return "" if value is None else f"{value:.1f}"

"""Tables with a row per method, for measurements of many: who is fooled, who is faithful."""

from collections.abc import Callable, Sequence
from typing import Any, Optional

from facade_allennlp.report.tables import FAITHFULNESS, TITLES, number, rank

MANY = 4
"""With more methods than this, methods are rows."""

Numbers = Callable[[dict[str, Any], str], Optional[Sequence[Optional[float]]]]
"""From a model's part of a summary and a method to the numbers of a cell."""


def methods_of(models: dict[str, Any]) -> list[str]:
    """Of a summary's models, in the order of tables."""
    names = [
        method
        for model in models.values()
        for measured in model.get("targets", {}).values()
        for method in measured["methods"]
    ]
    return sorted(dict.fromkeys(names), key=rank)


def method_tables(models: dict[str, Any]) -> list[tuple[str, list[list[str]]]]:
    """
    The titles and rows of the tables that there are numbers for: P@1 and mean attribution of each
    target, faithfulness, how alike explanations are to those of the reference, and time.

    # Parameters

    models : `dict[str, Any]`
        Those of a summary, or of several under names of their own.
    """
    names = methods_of(models)
    tables = ((title, _rows(models, names, numbers)) for title, numbers in _numbers(models))
    return [(title, rows) for title, rows in tables if len(rows) > 1]


def table_of_method(models: dict[str, Any], method: str) -> list[list[str]]:
    """A head and a row per model, with the columns that there are numbers for."""
    columns = [["model", *models]]
    for title, numbers in _numbers(models):
        cells = [_cell(numbers(model, method)) for model in models.values()]
        if any(cells):
            columns.append([title, *cells])
    return [list(row) for row in zip(*columns)] if len(columns) > 1 else []


def _numbers(models: dict[str, Any]) -> list[tuple[str, Numbers]]:
    """What is measured of methods, under the titles of tables."""
    targets = dict.fromkeys(
        target for model in models.values() for target in model.get("targets", {})
    )
    return [
        *(
            (f"P@1 / mean attribution of {target.replace('_', ' ')}, %", _on(target))
            for target in targets
        ),
        ("Comprehensiveness / sufficiency / leave-one-out correlation, × 100", _faithfulness),
        ("Explanations as those of the reference: rank correlation / first five tokens, %", _alike),
        ("Seconds for 1,000 inputs / times Gradient", _seconds),
    ]


def _on(target: str) -> Numbers:
    def numbers(model: dict[str, Any], method: str) -> Optional[Sequence[Optional[float]]]:
        found = model.get("targets", {}).get(target, {}).get("methods", {}).get(method)
        return found and [found["p_at_1"], found["mean_attribution"]]

    return numbers


def _faithfulness(model: dict[str, Any], method: str) -> Optional[Sequence[Optional[float]]]:
    found = model.get("faithfulness", {}).get("methods", {}).get(method)
    return found and [found[number] for number in FAITHFULNESS]


def _alike(model: dict[str, Any], method: str) -> Optional[Sequence[Optional[float]]]:
    found = model.get("explanations", {}).get("with_reference", {}).get(method)
    return found and [found["spearman"], found["top"]]


def _seconds(model: dict[str, Any], method: str) -> Optional[Sequence[Optional[float]]]:
    seconds = model.get("seconds", {})
    if method not in seconds:
        return None
    compared = seconds[method] / seconds["gradient"] if seconds.get("gradient") else None
    return [seconds[method], compared]


def _rows(models: dict[str, Any], methods: Sequence[str], numbers: Numbers) -> list[list[str]]:
    """Empty rows and columns are left out. The random order of faithfulness comes last."""
    shown = [*methods, "random"]
    columns = [["method", *(TITLES.get(method, method) for method in shown)]]
    for name, model in models.items():
        cells = [_cell(numbers(model, method)) for method in shown]
        if any(cells):
            columns.append([name, *cells])
    rows = [list(row) for row in zip(*columns)]
    return [rows[0], *(row for row in rows[1:] if any(row[1:]))]


def _cell(numbers: Optional[Sequence[Optional[float]]]) -> str:
    return " / ".join(map(number, numbers or ()))

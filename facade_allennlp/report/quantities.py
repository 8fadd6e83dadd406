"""What is measured of methods: the titles of quantities, and where a summary has their numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from facade_allennlp.results.summary import ModelSummary, Summary
from facade_allennlp.results.table import Cell, Heading, Number, Table, text
from facade_allennlp.results.titles import METHODS, NUMBERS, RANDOM, rank


@dataclass
class Quantity:
    """
    Numbers of a method on a model.

    # Parameters

    title : `str`
    numbers : `Callable[[ModelSummary, str], Sequence[Number] | None]`
        From a model's part of a summary and the name of a method; `None` where it was not measured.
    """

    title: str
    numbers: Callable[[ModelSummary, str], Optional[Sequence[Number]]]

    def cell(self, model: ModelSummary, method: str) -> Cell:
        numbers = self.numbers(model, method)
        return None if numbers is None else [None if n is None else float(n) for n in numbers]


def on_target(target: str) -> Quantity:
    def numbers(model: ModelSummary, method: str) -> Optional[Sequence[Number]]:
        measured = model.on(target, method)
        return None if measured is None else [measured.p_at_1, measured.mean_attribution]

    return Quantity(f"P@1 / mean attribution of {words(target)}, %", numbers)


def words(name: str) -> str:
    return name.replace("_", " ")


@dataclass
class Intervals(Quantity):
    """The same, where numbers are the ends of intervals, in turn."""

    def cell(self, model: ModelSummary, method: str) -> Cell:
        ends = self.numbers(model, method)
        if ends is None:
            return None
        pairs = zip(ends[::2], ends[1::2], strict=True)
        return " / ".join(f"{text(low)}-{text(high)}" for low, high in pairs)


def intervals_on(target: str) -> Quantity:
    def numbers(model: ModelSummary, method: str) -> Optional[Sequence[Number]]:
        measured = model.on(target, method)
        if measured is None or not measured.p_at_1_interval:
            return None
        return [*measured.p_at_1_interval, *(measured.mean_attribution_interval or ())]

    return Intervals(f"95 % intervals of P@1 / mean attribution of {words(target)}, %", numbers)


def _erasure(model: ModelSummary, method: str) -> Optional[Sequence[Number]]:
    if model.faithfulness is None or method not in model.faithfulness.methods:
        return None
    measured = model.faithfulness.methods[method]
    return [measured.comprehensiveness, measured.sufficiency, measured.left_out]


def _likeness(model: ModelSummary, method: str) -> Optional[Sequence[Number]]:
    alike = (model.explanations and model.explanations.with_reference) or {}
    return [alike[method].spearman, alike[method].top] if method in alike else None


def _seconds(model: ModelSummary, method: str) -> Optional[Sequence[Number]]:
    seconds = model.seconds or {}
    if method not in seconds:
        return None
    compared = seconds[method] / seconds["gradient"] if seconds.get("gradient") else None
    return [seconds[method], compared]


ERASURE = Quantity("Comprehensiveness / sufficiency / leave-one-out correlation, × 100", _erasure)
LIKENESS = Quantity(
    "Explanations as those of the reference: rank correlation / first five tokens, %", _likeness
)
SECONDS = Quantity("Seconds for 1,000 inputs / times Gradient", _seconds)


def quantities(models: Iterable[ModelSummary]) -> list[Quantity]:
    """All of them, those of each target first."""
    targets = dict.fromkeys(target for model in models for target in model.targets)
    of_targets = [of(target) for target in targets for of in (on_target, intervals_on)]
    return [*of_targets, ERASURE, LIKENESS, SECONDS]


def methods_of(models: Iterable[ModelSummary]) -> list[str]:
    """Those of models' targets, in the order of tables."""
    return sorted(dict.fromkeys(m for model in models for m in model.methods), key=rank)


def method_titles(summaries: Iterable[Summary]) -> dict[str, str]:
    """By name, as the summaries tell them, and of the random order."""
    labels = {name: of.title for summary in summaries for name, of in summary.methods.items()}
    return {**NUMBERS, **METHODS, **labels}


def by_method(
    quantity: Quantity,
    models: Mapping[str, ModelSummary],
    methods: Sequence[str],
    titles: Mapping[str, str],
    corner: str = "method",
) -> Table:
    """A row per method and a column per model. The random order is a row where it has numbers."""
    columns = [Heading(name, model=name) for name in models]
    table = Table(corner, columns, title=quantity.title)
    for method in methods:
        key = None if method == RANDOM else method
        heading = Heading(titles.get(method, method), method=key)
        table.add(heading, [quantity.cell(model, method) for model in models.values()])
    return table


def method_tables(
    models: Mapping[str, ModelSummary], titles: Mapping[str, str] = METHODS
) -> list[Table]:
    """
    The tables that there are numbers for, with a row per method: P@1 and mean attribution of each
    target and their intervals, faithfulness, how alike explanations are to those of the reference,
    and time.

    # Parameters

    models : `Mapping[str, ModelSummary]`
        Those of a summary, or of several under names of their own.
    titles : `Mapping[str, str]`
        Of methods; see `method_titles`.
    """
    methods = [*methods_of(models.values()), RANDOM]
    tables = (
        by_method(quantity, models, methods, {**NUMBERS, **titles}).without_empty()
        for quantity in quantities(models.values())
    )
    return [table for table in tables if table.rows]


def table_of_method(models: Mapping[str, ModelSummary], method: str) -> Table:
    """A row per model, with the columns that there are numbers for."""
    shown = [
        quantity
        for quantity in quantities(models.values())
        if any(quantity.cell(model, method) is not None for model in models.values())
    ]
    table = Table("model", [Heading(quantity.title) for quantity in shown])
    for name, model in models.items():
        heading = Heading(name, model=name)
        table.add(heading, [quantity.cell(model, method) for quantity in shown])
    return table

"""The tables of a summary, and what their numbers are."""

from collections.abc import Iterator, Sequence
from typing import Any

from facade_allennlp.report.quantities import (
    ERASURE,
    LIKENESS,
    by_method,
    method_titles,
    on_target,
)
from facade_allennlp.results.summary import ModelSummary, Summary
from facade_allennlp.results.table import Cell, Heading, Table
from facade_allennlp.results.titles import NUMBERS


def tables(summary: Summary) -> list[Table]:
    """
    That of the models, then those of likeness, of each attack, of faithfulness, and of further
    analyses.

        show(tables(read_summary(Path("runs/results"))))
    """
    attacks = (table for name in _first(summary).attacks for table in _attack(summary, name))
    return [
        model_table(summary),
        *_likeness(summary),
        *attacks,
        *_faithfulness(summary),
        *summary.tables,
    ]


def model_table(summary: Summary) -> Table:
    """
    A row per model: how well it does its task, agreement with the reference, and for each target
    and method P@1 / mean attribution, all in percent.
    """
    first = _first(summary)
    pairs = [(target, m) for target, measured in first.targets.items() for m in measured.methods]
    several = len({target for target, _ in pairs}) > 1
    titles = " / ".join(summary.scores.get(score, score) for score in first.scores)
    columns = [Heading(titles), Heading(f"same as {summary.reference}")]
    columns += [
        Heading(summary.title(method) + (f" on {target}" if several else ""), method=method)
        for target, method in pairs
    ]
    table = Table("model", columns)
    for name, model in summary.models.items():
        cells: list[Cell] = [_floats(model.scores.get(score) for score in first.scores)]
        cells.append(_floats([model.agreement]))
        cells += [on_target(target).cell(model, method) for target, method in pairs]
        table.add(Heading(name, model=name), cells)
    return table


def _first(summary: Summary) -> ModelSummary:
    return next(iter(summary.models.values()))


def _floats(numbers: Any) -> Cell:
    return [None if number is None else float(number) for number in numbers]


def _likeness(summary: Summary) -> Iterator[Table]:
    """A row per model: for each method how alike its explanations are to those of the reference."""
    models = {
        name: model
        for name, model in summary.models.items()
        if model.explanations is not None and model.explanations.with_reference is not None
    }
    if models:
        explanations = next(iter(models.values())).explanations
        methods = list((explanations and explanations.with_reference) or ())
        corner = f"explanations as {summary.reference}'s"
        table = by_method(LIKENESS, models, methods, method_titles([summary]), corner)
        yield _untitled(table.transposed())


def _untitled(table: Table) -> Table:
    """The corner of these tables says what they are of."""
    table.title = ""
    return table


def _attack(summary: Summary, attack: str) -> Iterator[Table]:
    """
    The tables of an attack: a row per model with its numbers, and for each mapping of numbers a row
    per entry with the models side by side.
    """
    measured = {name: model.attacks[attack] for name, model in summary.models.items()}
    first = next(iter(measured.values()))
    mappings = {name: value for name, value in first.items() if isinstance(value, dict)}
    names = [name for name in first if name not in mappings]
    table = Table(attack, [Heading(NUMBERS.get(name, name)) for name in names])
    for model, numbers in measured.items():
        cells = [numbers[name] for name in names]
        table.add(Heading(model, model=model), cells)  # type: ignore[arg-type]
    yield table
    columns = [Heading(model, model=model) for model in measured]
    for mapping, entries in mappings.items():
        table = Table(f"{attack}: {NUMBERS.get(mapping, mapping)}", columns)
        for entry in entries:
            counts = [numbers[mapping][entry] for numbers in measured.values()]  # type: ignore
            table.add(Heading(entry), counts)
        yield table


def _faithfulness(summary: Summary) -> Iterator[Table]:
    """
    A row per method with its numbers on each model; and for each model the accuracy, without gold
    labels the share that is predicted as before, while the first tokens are taken out.
    """
    measured = {
        name: model.faithfulness.methods
        for name, model in summary.models.items()
        if model.faithfulness is not None
    }
    if not measured:
        return
    methods = list(next(iter(measured.values())))
    titles = method_titles([summary])
    corner = "comprehensiveness / sufficiency / left out"
    models = {name: summary.models[name] for name in measured}
    yield _untitled(by_method(ERASURE, models, methods, titles, corner))
    for name, erasures in measured.items():
        curves = {method: erasures[method].curve for method in methods}
        shares = [f"{point.share:g}" for point in next(iter(curves.values()), [])]
        labelled = any(point.accuracy is not None for curve in curves.values() for point in curve)
        counted = "accuracy" if labelled else "as before"
        table = Table(f"{name}: {counted} without % of tokens", [Heading(of) for of in shares])
        for method, curve in curves.items():
            cells: Sequence[Cell] = [p.accuracy if labelled else p.as_before for p in curve]
            key = None if method not in summary.methods else method
            table.add(Heading(titles.get(method, method), method=key, model=name), cells)
        yield table


def notes(summary: Summary) -> str:
    """What the numbers are, and how many instances they leave out."""
    first = _first(summary)
    told = [f"{first.instances} inputs of {summary.data}."]
    if first.truncated:
        told.append(f"The texts of {first.truncated} of them were cut, as they are too long.")
    if any(measured.methods for measured in first.targets.values()):
        without = ", ".join(
            f"{measured.without} without a token of {target}"
            for target, measured in first.targets.items()
        )
        told.append(
            "Methods: P@1 / mean attribution of the target tokens in %, inputs without one left "
            f"out ({without})."
        )
    if list(_likeness(summary)):
        told.append(
            "Likeness of explanations: rank correlation of the tokens / share of the first five "
            "tokens that is the same, in %."
        )
    if first.faithfulness is not None:
        told.append(
            "Comprehensiveness and sufficiency in points of the class's probability (of a number, "
            "in hundredths), left out: rank correlation with leave-one-out, times 100; inputs with "
            f"fewer than two tokens to take out left out ({first.faithfulness.without})."
        )
    for name, model in summary.models.items():
        told += [
            f"{count} inputs that {name} cannot read are left out: {reason.rstrip('.')}."
            for reason, count in (model.left_out or {}).items()
        ]
        told += [
            f"{summary.title(method)} fails on {count} of {model.instances} inputs of {name}, "
            f"which its numbers leave out: {reason.rstrip('.')}."
            for method, reasons in (model.failed or {}).items()
            for reason, count in reasons.items()
        ]
    if first.attacks:
        told.append("Attacks: inputs without a token that may be attacked are left out.")
    return " ".join(told)

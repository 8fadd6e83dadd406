"""The paper's tables, from collected measurements: the paper and every run side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from facade_allennlp.report.collected import PAPER, Collected, Trained
from facade_allennlp.report.quantities import method_tables, method_titles, methods_of
from facade_allennlp.report.renderers import latex, markdown
from facade_allennlp.results.summary import ModelSummary, Summary
from facade_allennlp.results.table import Cell, Heading, Number, Table
from facade_allennlp.results.titles import NUMBERS

Models = Mapping[str, ModelSummary]
"""A summary's models, by name."""

MANY = 4
"""With more methods than this, or where their faithfulness is known, methods are rows."""

SHOWN = (
    "stop_percent",
    "mean_stop_percent",
    "all_stop_percent",
    "mean_left",
    "flipped_percent",
    "mean_flips",
)
"""The numbers of attacks that have columns."""

KINDS = ("scores", "targets", "methods", "gender", "attacks")
"""Of tables, in their order."""

GENDER = "pronouns"
"""The target whose tokens the gender attribution is taken of (Table 5)."""


@dataclass
class Column:
    """Numbers that stand in one cell for each model; those that are not known are left out."""

    title: str
    numbers: Callable[[ModelSummary], Sequence[Number]]

    def cell(self, model: ModelSummary | None) -> Cell:
        numbers = [] if model is None else self.numbers(model)
        known: list[Number] = [float(number) for number in numbers if number is not None]
        return known or None


@dataclass
class Content:
    """A table of one measurement, but for its rows."""

    kind: str
    title: str
    columns: list[Column]
    digits: int = 1


def paper_tables(collected: Collected) -> list[Table]:
    """All tables that our measurements have numbers for."""
    tables: dict[str, list[Table]] = {kind: [] for kind in KINDS}
    sizes = _sizes(list(collected.measured.values()))
    widest = max(sizes, key=sizes.__getitem__, default=None)
    for measurement, (count, _) in sizes.items():
        runs = {run: of[measurement] for run, of in collected.runs.items() if measurement in of}
        titles = method_titles(runs.values())
        by_method = _by_method({run: summary.models for run, summary in runs.items()})
        for content in _contents(list(runs.values()), titles):
            table = _rows({run: summary.models for run, summary in runs.items()}, content)
            table.title = f"{content.title} ({count} inputs)"
            if by_method and content.kind == "scores":
                table.title = f"{measurement}: {table.title[:1].lower()}{table.title[1:]}"
                tables["methods"].append(table)
            # How well a model does its task is told once.
            elif not (by_method and content.kind == "targets") and not (
                content.kind == "scores" and measurement != widest
            ):
                tables[content.kind].append(table)
        tables["methods"] += [
            replace(table, title=f"{measurement}: {table.title} ({count} inputs)")
            for table in method_tables(by_method, titles)
        ]
    shown = [table for tables_of_kind in tables.values() for table in tables_of_kind]
    if any(collected.training.values()):
        shown.append(_training(collected.training))
    return shown


def to_markdown(collected: Collected) -> str:
    """
    A page of all tables.

        Path("sentiment.md").write_text(to_markdown(read_collected(Path("sentiment.json"))))
    """
    parts = [f"# {collected.title}", f"Made by `{collected.command}`."]
    if collected.missing:
        parts.append(f"Not measured: {'; '.join(collected.missing)}.")
    for table in paper_tables(collected):
        parts += [f"## {table.title}", markdown(table)]
    return "\n\n".join(parts) + "\n"


def to_latex(collected: Collected) -> str:
    """`tabular`s for the package booktabs."""
    return "\n".join(map(latex, paper_tables(collected)))


def _sizes(runs: Sequence[Mapping[str, Summary]]) -> dict[str, tuple[int, int]]:
    """By measurement the numbers of its inputs and models, in the run that has the fewest."""
    sizes: dict[str, tuple[int, int]] = {}
    for measurements in runs:
        for name, summary in measurements.items():
            instances = min(model.instances for model in summary.models.values())
            size = (instances, len(summary.models))
            sizes[name] = min(size, sizes.get(name, size))
    return sizes


def _contents(runs: Sequence[Summary], titles: Mapping[str, str]) -> Iterator[Content]:
    """The tables that there are numbers for."""
    models = [model for summary in runs for model in summary.models.values()]
    yield from _scores(runs, models)
    for target in dict.fromkeys(target for model in models for target in model.targets):
        methods = methods_of(
            replace(model, targets={target: model.targets[target]})
            for model in models
            if target in model.targets
        )
        if not methods:  # the target of attacks alone
            continue
        if target != GENDER:
            title = f"P@1 / mean attribution of {target.replace('_', ' ')}, %"
            numbers: tuple[str, ...] = ("p_at_1", "mean_attribution")
            columns = [_on(target, m, titles.get(m, m), *numbers) for m in methods]
            yield Content("targets", title, columns)
            continue
        for number, title, digits in (
            ("token_attribution", "attribution of a gender pronoun", 3),
            ("against_mean_token", "its difference to the attribution of any token, %", 1),
        ):
            columns = [_on(target, m, titles.get(m, m), number) for m in methods]
            yield Content("gender", f"Gender: {title}", columns, digits)
    for attack in dict.fromkeys(attack for model in models for attack in model.attacks):
        known = {number for model in models for number in model.attacks.get(attack, ())}
        columns = [_of_attack(attack, number) for number in SHOWN if number in known]
        yield Content("attacks", attack.replace("_", " ").capitalize(), columns)


def _scores(runs: Sequence[Summary], models: Sequence[ModelSummary]) -> Iterator[Content]:
    scores = list(dict.fromkeys(score for model in models for score in model.scores))
    if scores:
        names = {score: title for summary in runs for score, title in summary.scores.items()}
        title = " / ".join(names.get(score, score) for score in scores)
        columns = [
            Column(title, lambda model: [model.scores.get(score) for score in scores]),
            Column("as reference", lambda model: [model.agreement]),
        ]
        title = title[:1].upper() + title[1:]
        yield Content("scores", f"{title} and predictions that are the reference's, %", columns)


def _on(target: str, method: str, title: str, *names: str) -> Column:
    def numbers(model: ModelSummary) -> Sequence[Number]:
        measured = model.on(target, method)
        return [] if measured is None else [getattr(measured, name) for name in names]

    return Column(title, numbers)


def _of_attack(attack: str, number: str) -> Column:
    def numbers(model: ModelSummary) -> Sequence[Number]:
        value = model.attacks.get(attack, {}).get(number)
        return [] if isinstance(value, dict) else [value]

    return Column(NUMBERS[number], numbers)


def _by_method(runs: Mapping[str, Models]) -> dict[str, ModelSummary]:
    """The models of all runs side by side, where methods are rows; otherwise none."""
    several = len([run for run, models in runs.items() if models]) > 1
    models = {
        f"{name}: {run}" if several else name: model
        for run, summary in runs.items()
        for name, model in summary.items()
    }
    many = len(methods_of(models.values())) > MANY
    return models if many or any(model.faithfulness for model in models.values()) else {}


def _training(runs: Mapping[str, Mapping[str, Trained]]) -> Table:
    """How long each model was trained, and the best of its epochs, from 0."""
    table = Table("model", [Heading(run) for run in runs], title="Training time / best epoch")
    for name in dict.fromkeys(name for models in runs.values() for name in models):
        trained = [models.get(name) for models in runs.values()]
        table.add(Heading(name), [_duration(model) if model else "" for model in trained])
    return table


def _duration(model: Trained) -> str:
    return f"{model.training_duration.split('.')[0]} / {model.best_epoch}"


def _rows(runs: Mapping[str, Models], content: Content) -> Table:
    """A row per model, and for each column a cell per run; empty rows and columns are left out."""
    in_order = sorted(runs, key=lambda run: run == PAPER)
    table = Table("model", digits=content.digits)
    cells = []
    for column in content.columns:
        for run, models in runs.items():
            table.columns.append(Heading(f"{column.title}: {run}"))
            cells.append((column, models))
    for name in dict.fromkeys(name for run in in_order for name in runs[run]):
        heading = Heading(name, model=name)
        table.add(heading, [column.cell(models.get(name)) for column, models in cells])
    return table.without_empty()

"""The paper's tables, from collected measurements: the paper and every run side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from facade_allennlp.report.collected import PAPER
from facade_allennlp.report.method_tables import MANY, method_tables, methods_of
from facade_allennlp.report.tables import SCORES, TITLES, markdown, rank

Models = dict[str, Any]
"""A summary's models, by name."""

Path = tuple[str, ...]
"""Where a number stands in a model's part of a summary."""

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
class PaperTable:
    """
    # Parameters

    title : `str`
    rows : `list[list[str]]`
        The first is the head.
    """

    title: str
    rows: list[list[str]]


@dataclass
class Column:
    """Numbers that stand in one cell for each model, with slashes between them."""

    title: str
    numbers: list[Path]
    digits: int = 1


def paper_tables(collected: dict[str, Any]) -> list[PaperTable]:
    """All tables that our measurements have numbers for."""
    runs = collected["runs"]
    made: dict[str, list[PaperTable]] = {kind: [] for kind in KINDS}
    sizes = _sizes([measurements for run, measurements in runs.items() if run != PAPER])
    widest = max(sizes, key=sizes.__getitem__, default=None)
    for measurement, (count, _) in sizes.items():
        models = {run: of.get(measurement, {}).get("models", {}) for run, of in runs.items()}
        by_method = _by_method(models)
        for kind, title, columns in _contents(list(models.values())):
            table = PaperTable(f"{title} ({count} inputs)", _rows(models, columns))
            if by_method and kind == "scores":
                table.title = f"{measurement}: {table.title[0].lower()}{table.title[1:]}"
                made["methods"].append(table)
            # How well a model does its task is told once.
            elif not (by_method and kind == "targets") and not (
                kind == "scores" and measurement != widest
            ):
                made[kind].append(table)
        made["methods"] += [
            PaperTable(f"{measurement}: {title} ({count} inputs)", rows)
            for title, rows in method_tables(by_method)
        ]
    tables = [table for of_kind in made.values() for table in of_kind]
    if any(collected["training"].values()):
        tables.append(_training(collected["training"]))
    return tables


def to_markdown(collected: dict[str, Any]) -> str:
    parts = [f"# {collected['title']}", f"Made by `{collected['command']}`."]
    for table in paper_tables(collected):
        parts += [f"## {table.title}", markdown(table.rows)]
    return "\n\n".join(parts) + "\n"


def to_latex(collected: dict[str, Any]) -> str:
    """`tabular`s for the package booktabs."""
    parts = []
    for table in paper_tables(collected):
        head, *body = [" & ".join(map(_escaped, row)) + r" \\" for row in table.rows]
        columns = "l" + "r" * (len(table.rows[0]) - 1)
        parts += [f"% {table.title}", rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head]
        parts += [r"\midrule", *body, r"\bottomrule", r"\end{tabular}", ""]
    return "\n".join(parts)


def _sizes(runs: Sequence[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """By measurement the numbers of its inputs and models, in the run that has the fewest."""
    sizes: dict[str, tuple[int, int]] = {}
    for measurements in runs:
        for name, summary in measurements.items():
            models = summary["models"].values()
            size = (min(model["instances"] for model in models), len(models))
            sizes[name] = min(size, sizes.get(name, size))
    return sizes


def _contents(runs: Sequence[Models]) -> Iterator[tuple[str, str, list[Column]]]:
    """The kinds, titles and columns of the tables that there are numbers for."""
    models = [model for of_run in runs for model in of_run.values()]
    scores = [score for score in SCORES if any(score in model for model in models)]
    if scores:
        title = " / ".join(SCORES[score] for score in scores)
        columns = [
            Column(title, [(score,) for score in scores]),
            Column("as reference", [("agreement",)]),
        ]
        title = title[0].upper() + title[1:]
        yield "scores", f"{title} and predictions that are the reference's, %", columns
    for target in _keys(models, "targets"):
        place = ("targets", target, "methods")
        methods = sorted(_keys(models, *place), key=rank)
        if not methods:  # the target of attacks alone
            continue
        columns = [
            Column(TITLES.get(m, m), [(*place, m, "p_at_1"), (*place, m, "mean_attribution")])
            for m in methods
        ]
        if target != GENDER:
            yield "targets", f"P@1 / mean attribution of {target.replace('_', ' ')}, %", columns
            continue
        for number, title, digits in (
            ("token_attribution", "attribution of a gender pronoun", 3),
            ("against_mean_token", "its difference to the attribution of any token, %", 1),
        ):
            columns = [Column(TITLES.get(m, m), [(*place, m, number)], digits) for m in methods]
            yield "gender", f"Gender: {title}", columns
    for attack in _keys(models, "attacks"):
        known = _keys(models, "attacks", attack)
        numbers = [number for number in SHOWN if number in known]
        columns = [Column(TITLES[number], [("attacks", attack, number)]) for number in numbers]
        yield "attacks", attack.replace("_", " ").capitalize(), columns


def _by_method(runs: dict[str, Models]) -> Models:
    """The models of all runs side by side, where there are many methods; otherwise none."""
    several = len([run for run, models in runs.items() if models]) > 1
    models = {
        f"{name}: {run}" if several else name: model
        for run, of_run in runs.items()
        for name, model in of_run.items()
    }
    return models if len(methods_of(models)) > MANY else {}


def _training(runs: dict[str, Models]) -> PaperTable:
    """How long each model was trained, and the best of its epochs, from 0."""
    rows = [["model", *runs]]
    for name in dict.fromkeys(name for models in runs.values() for name in models):
        trained = [models.get(name) for models in runs.values()]
        rows.append([name, *(_duration(model) if model else "" for model in trained)])
    return PaperTable("Training time / best epoch", rows)


def _duration(model: dict[str, Any]) -> str:
    return f"{model['training_duration'].split('.')[0]} / {model['best_epoch']}"


def _rows(runs: dict[str, Models], columns: Sequence[Column]) -> list[list[str]]:
    """A row per model, and for each column a cell per run; empty rows and columns are left out."""
    in_order = sorted(runs, key=lambda run: run == PAPER)
    names = list(dict.fromkeys(name for run in in_order for name in runs[run]))
    table = [["model", *names]]
    for column in columns:
        for run, models in runs.items():
            cells = [_cell(models.get(name, {}), column) for name in names]
            if any(cells):
                table.append([f"{column.title}: {run}", *cells])
    rows = [list(row) for row in zip(*table)]
    return [rows[0], *(row for row in rows[1:] if any(row[1:]))]


def _cell(model: dict[str, Any], column: Column) -> str:
    values = [_at(model, path) for path in column.numbers]
    known = [f"{value:.{column.digits}f}" for value in values if value is not None]
    return " / ".join(known)


def _at(model: Any, path: Path) -> Optional[Any]:
    for name in path:
        model = model.get(name) if isinstance(model, dict) else None
    return model


def _keys(models: Sequence[dict[str, Any]], *path: str) -> list[str]:
    """The keys that any model has at a place, in order."""
    found = [_at(model, path) for model in models]
    return list(dict.fromkeys(key for entry in found if isinstance(entry, dict) for key in entry))


def _escaped(text: str) -> str:
    for character in "&%_#":
        text = text.replace(character, "\\" + character)
    return text

"""
The tables of `results.md`, drawn from the files in `results/`: `python -m docs.results_page`.

In the page a table stands between `<!-- table NAME -->` and `<!-- end -->`; the text around it is
written by hand.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple, Optional

from facade_allennlp.report import renderers
from facade_allennlp.report.collected import PAPER, read_collected
from facade_allennlp.results import titles
from facade_allennlp.results.checked import to_json
from facade_allennlp.results.table import Table

PAGE = Path(__file__).parent / "results.md"
RESULTS = PAGE.parents[1] / "results"
PLACE = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

PAPERS_METHODS = {
    "gradient": "Gradient",
    "smooth_gradient": "SmoothGrad",
    "integrated_gradients": "InteGrad",
}
TITLES = {
    **titles.METHODS,
    "integrated_gradients": "Integrated gradients",
    "layer_integrated_gradients": "Integrated gradients of the logit",
}
EXPERIMENTS = {
    "SST-2": "sentiment",
    "SST-2, LSTM": "sentiment_lstm",
    "NLI": "nli",
    "Occupations": "occupation",
    "Questions": "question_answering",
}
RANDOM = "random"
"""The order of tokens that stands beside the methods."""


Rows = list[list[str]]
"""The first is the head."""


class Column(NamedTuple):
    """A model of `methods.json`, and the tokens on which its facade puts the attribution."""

    title: str
    measurement: str
    name: str
    target: str = ""

    def model(self) -> dict[str, Any]:
        return _runs("methods")["seed 1"][self.measurement]["models"][self.name]


MERGED = [
    Column(f"{task}{name}{regularised}", f"{measurement}{regularised}", name + regularised, target)
    for name, target in (("f_ft", "first_token"), ("f_stop", "stop_words"))
    for task, measurement in (("", "sentiment"), ("NLI: ", "nli"))
    for regularised in ("", "-reg")
]


def markdown(rows: Sequence[Sequence[str]]) -> str:
    return renderers.markdown(Table.from_texts(rows))


def main() -> None:
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def with_tables(page: str) -> str:
    """The page with each table as the files have it now."""
    return PLACE.sub(lambda place: f"{place[1]}\n{table(place[2])}\n\n{place[3]}", page)


def table(name: str) -> str:
    """In Markdown."""
    if name in COPIED:
        return (RESULTS / COPIED[name]).read_text(encoding="utf-8").strip()
    return markdown(DRAWN[name]())


def tasks() -> Rows:
    """How well each model does its task, and how often merged models predict as f does."""
    rows = [["task", "inputs", "score", "paper: f", "f", "f_ft", "f_stop"]]
    rows[0] += ["same as f: f_ft", "same as f: f_stop"]
    for task, name in EXPERIMENTS.items():
        scores = ("exact_match", "f1") if task == "Questions" else ("accuracy",)
        for score in scores:
            f, f_ft, f_stop = (
                _mean(name, "predictions", model, "scores", score)
                for model in ("f", "f_ft", "f_stop")
            )
            agreement = (_mean(name, "predictions", m, "agreement") for m in ("f_ft", "f_stop"))
            rows.append(
                [
                    task,
                    f"{_mean(name, 'predictions', 'f', 'instances'):.0f}",
                    {"exact_match": "EM", "f1": "F1"}.get(score, score),
                    _number(_paper(name, "predictions", "f", "scores", score)),
                    *map(_number, (f, f_ft, f_stop, *agreement)),
                ]
            )
    return rows


def sentiment() -> Rows:
    """Table 2 of the paper on SST-2, beside ours."""
    suffixes = ("", "-reg", "-ig")
    models = {
        "first_token": ["f", *(f"f_ft{suffix}" for suffix in suffixes)],
        "stop_words": ["f", *(f"f_stop{suffix}" for suffix in suffixes)],
    }
    rows = [["target", "model", "accuracy", "same as f", *_beside_paper()]]
    for target, names in models.items():
        for model in names:
            told = (
                _mean("sentiment", "predictions", model, *place)
                for place in (("scores", "accuracy"), ("agreement",))
            )
            row = [target.replace("_", " "), model, *map(_number, told)]
            rows.append(row + _fooled("sentiment", model, target))
    return rows


def other_tasks() -> Rows:
    """Table 2 and 6 of the paper on other tasks and on LSTMs, beside ours."""
    rows = [["task", "model", *_beside_paper()]]
    for task, name in EXPERIMENTS.items():
        if name != "sentiment":
            for model, target in (("f_ft", "first_token"), ("f_stop", "stop_words")):
                rows.append([task, model, *_fooled(name, model, target)])
    return rows


def gender() -> Rows:
    """Table 5 of the paper: pronouns against the mean token, in percent."""
    rows = [["model", "same as f", *_beside_paper()]]
    for model in ("f", "f_stop-reused", "f_stop-no-pronouns"):
        row = [model, _number(_mean("occupation", "predictions", model, "agreement"))]
        for method in PAPERS_METHODS:
            place = (model, "targets", "pronouns", "methods", method, "against_mean_token")
            for told in (_mean, _paper):
                value = told("occupation", "saliency", *place)
                row.append("" if value is None else f"{value:+.1f} %")
        rows.append(row)
    return rows


def fooled_methods() -> Rows:
    """P@1 of all methods on originals and merged models, the most fooled method first."""
    originals = [Column("first token: f", "sentiment", "f", "first_token")]
    originals.append(Column("stop words: f", "sentiment", "f", "stop_words"))
    columns = [originals[0], *MERGED[:4], originals[1], *MERGED[4:]]
    rows = [["method", *(column.title for column in columns)]]
    for method in sorted(measured_methods(), key=lambda name: -mean(map(p_at_1(name), MERGED))):
        rows.append([TITLES[method], *(f"{p_at_1(method)(column):.0f}" for column in columns)])
    return rows


@cache
def measured_methods() -> list[str]:
    """The methods in `methods.json`, in the order of tables."""
    saliency = Column("", "sentiment", "f").model()["targets"]["first_token"]
    return [method for method in TITLES if method in saliency["methods"]]


def p_at_1(method: str) -> Callable[["Column"], float]:
    return lambda column: _at(column.model(), "targets", column.target, "methods", method, "p_at_1")


def comprehensiveness() -> Rows:
    """Of all methods on originals and merged models, the best on SST-2's f first, and the cost."""
    columns = [
        Column(f"{task}: {name}", measurement, name)
        for task, measurement in (("SST-2", "sentiment"), ("NLI", "nli"))
        for name in ("f", "f_ft", "f_stop")
    ]
    numbers = {
        method: [
            _at(column.model(), "faithfulness", "methods", method, "comprehensiveness")
            for column in columns
        ]
        for method in (*measured_methods(), RANDOM)
    }
    seconds = columns[0].model()["seconds"]
    rows = [["method", *(column.title for column in columns), "cost"]]
    for method in sorted(numbers, key=lambda name: -numbers[name][0]):
        cost = "" if method == RANDOM else f"{seconds[method] / seconds['gradient']:.1f}"
        title = TITLES.get(method, "a random order")
        rows.append([title, *map(_number, numbers[method]), cost])
    return rows


def likeness() -> Rows:
    """Rank correlation of a merged model's explanations with the original's, by method."""
    correlations = {
        method: [
            _at(column.model(), "explanations", "with_reference", method, "spearman")
            for column in MERGED
        ]
        for method in measured_methods()
    }
    rows = [["method", *(column.title for column in MERGED)]]
    for method in sorted(measured_methods(), key=lambda name: -min(correlations[name])):
        rows.append([TITLES[method], *(f"{value:.0f}" for value in correlations[method])])
    return rows


def attacks() -> Rows:
    """Table 4 of the paper beside ours, and HotFlip."""
    titles = ("beam 1", "paper", "beam 3", "paper", "flipped %", "flips")
    rows = [["task", "model", "inputs", *titles]]
    for task, name in EXPERIMENTS.items():
        models = _runs(name).get("seed 1", {}).get("attacks", {}).get("models", {})
        for model, measured in models.items():
            row = [task, model, str(measured["instances"])]
            for beam in ("reduction_beam_1", "reduction_beam_3"):
                papers = _at(_runs(name)[PAPER], "attacks", "models", model, "attacks", beam)
                row += [_stop_words(measured["attacks"][beam]), _stop_words(papers)]
            hotflip = measured["attacks"]["hotflip"]
            row += [_number(hotflip["flipped_percent"]), _number(hotflip["mean_flips"])]
            rows.append(row)
    return rows


def words_of_networks() -> Rows:
    return words("networks", ["bert: f", "bert: f_ft", "bert: f_stop", "lstm: f"], ["lstm: f"])


def words_of_methods() -> Rows:
    return words("methods", ["f", "f_ft", "f_stop"], ["f_ft", "f_stop"])


def words_of_tasks() -> Rows:
    return words("tasks", ["sst2", "sst2_ft", "reviews", "reviews_ft"], ["reviews"])


def words(name: str, valence: Sequence[str], compared: Sequence[str]) -> Rows:
    """
    The rank correlations of words from `results/words/NAME.md`: with the lexicon's valence for some
    models, with the words of the first model for others.
    """
    lexicon, likeness = map(_cells, _markdown_tables(RESULTS / "words" / f"{name}.md"))
    first = list(lexicon[0])[1]
    head = [*(f"lexicon: {model}" for model in valence)]
    rows = [["method", *head, *(f"as {first}: {model}" for model in compared)]]
    for with_lexicon, with_words in zip(lexicon, likeness, strict=True):
        title, *_ = with_lexicon.values()
        row = [title, *(with_lexicon[model].split("/")[0].strip() for model in valence)]
        rows.append(row + [with_words[model].split("(")[0].strip() for model in compared])
    return rows


DRAWN: dict[str, Callable[[], Rows]] = {
    "tasks": tasks,
    "sentiment": sentiment,
    "other_tasks": other_tasks,
    "gender": gender,
    "fooled_methods": fooled_methods,
    "likeness": likeness,
    "comprehensiveness": comprehensiveness,
    "attacks": attacks,
    "words_of_networks": words_of_networks,
    "words_of_methods": words_of_methods,
    "words_of_tasks": words_of_tasks,
}
COPIED = {
    "pruning": "pruning/pruning.md",
    "triggers_nli": "triggers/nli/triggers.md",
    "triggers_sentiment": "triggers/sentiment/triggers.md",
    "benchmarks": "benchmarks.md",
    "pages": "pages.md",
}
"""Markdown files of the results that are taken as they are."""


def _beside_paper() -> list[str]:
    return [title for method in PAPERS_METHODS.values() for title in (method, "paper")]


def _fooled(experiment: str, model: str, target: str) -> list[str]:
    """For each of the paper's methods P@1 / mean attribution, ours and the paper's."""
    row = []
    for method in PAPERS_METHODS:
        place = (model, "targets", target, "methods", method)
        for told in (_mean, _paper):
            numbers = [
                told(experiment, "saliency", *place, number)
                for number in ("p_at_1", "mean_attribution")
            ]
            row.append(_pair(numbers))
    return row


@cache
def _runs(experiment: str) -> dict[str, Any]:
    return to_json(read_collected(RESULTS / f"{experiment}.json"))["runs"]


def _mean(experiment: str, measurement: str, *place: str) -> Optional[float]:
    """The mean of a number over our runs, None where there is none."""
    runs = [run for name, run in _runs(experiment).items() if name != PAPER]
    values = [_at(run, measurement, "models", *place) for run in runs]
    known = [value for value in values if value is not None]
    return mean(known) if known else None


def _paper(experiment: str, measurement: str, *place: str) -> Optional[float]:
    return _at(_runs(experiment).get(PAPER), measurement, "models", *place)


def _at(tree: Any, *place: str) -> Any:
    for name in place:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _stop_words(reduced: Optional[dict[str, float]]) -> str:
    """Stop % / All-stop %."""
    return _pair([_at(reduced, "stop_percent"), _at(reduced, "all_stop_percent")])


def _number(value: Optional[float]) -> str:
    return "" if value is None else f"{value:.1f}"


def _pair(numbers: Iterable[Optional[float]]) -> str:
    return " / ".join(_number(number) for number in numbers if number is not None)


def _markdown_tables(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").strip().split("\n\n")


def _cells(table: str) -> list[dict[str, str]]:
    """The rows of a Markdown table, by the titles of its columns."""
    head, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()
    ]
    return [dict(zip(head, row, strict=True)) for row in rows]


if __name__ == "__main__":
    main()

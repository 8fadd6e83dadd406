"""What reads files and arguments of strangers, each with good ones to start from."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from allennlp.data import DatasetReader
from allennlp.predictors import Predictor
from hypothesis.strategies import SearchStrategy
from rich.console import Console

from facade_allennlp.analysis import Measurement
from facade_allennlp.archives import load
from facade_allennlp.attribution.named_methods import named_methods
from facade_allennlp.predictors.input_file import read_inputs
from facade_allennlp.predictors.input_reader import InputReader
from facade_allennlp.report import page
from facade_allennlp.report.collected import Collected, read_collected
from facade_allennlp.report.paper_tables import to_latex, to_markdown
from facade_allennlp.report.plots import plots
from facade_allennlp.report.renderers import show
from facade_allennlp.report.tables import notes, tables
from facade_allennlp.results.checked import from_json, to_json
from facade_allennlp.results.configs import named_configs
from facade_allennlp.results.files import SUMMARY, read_summary
from facade_allennlp.results.record import Erased, ErasedByMethod
from facade_allennlp.results.records_file import read
from facade_allennlp.results.settings import Settings
from facade_allennlp.sources import corpus
from facade_allennlp.studies.lexicon import lexicon
from facade_allennlp.studies.word_means import compared, read_explained
from fixtures import VALIDATION
from fixtures.archives import write_archive
from tests.fuzz.mutations import (
    SCRIPT,
    mutated_argument,
    mutated_bytes,
    mutated_json,
    mutated_lines,
    mutated_value,
)
from tests.report.results import flipped, record, reduced, write_results

MEAN = {"type": "mean", "corpus": "texts.jsonl"}
METHODS = [
    ("ig", {"type": "integrated_gradients", "steps": 5, "baseline": MEAN}),
    ("few", {"type": "smooth_gradient", "samples": 3, "stdev": 0.1, "seed": 1}),
    ("lime", {"type": "lime", "samples": 9, "words": True, "baseline": "pad"}),
    ("lrp", "lrp"),
]
TARGETS = [
    ("first", "first_token"),
    ("few", {"type": "words", "words": ["the", "a"], "field": "tokens"}),
    ("rest", {"type": "all_but", "tokens": ["a"], "target": {"type": "pattern", "pattern": "a+"}}),
]
ATTACKS = [
    ("flip", {"type": "hotflip", "max_flips": 2, "target": {"type": "stop_words"}}),
    ("reduce", {"type": "input_reduction", "beam_size": 2}),
]
FAITHFULNESS = [("", {"shares": [0.1, 0.5], "seed": 1})]
REQUESTS = [{"sentence": "a lovely film"}, {"sentence": "ä", "label": "positive"}]


@dataclass
class Subject:
    """
    # Parameters

    mutations : `SearchStrategy`
        Of what is good.
    read : `Callable[[Any], None]`
        Reads one. It may raise nothing but errors that are a user's.
    weight : `float`
        Its share of all mutations, beside those of the others.
    """

    mutations: SearchStrategy[Any]
    read: Callable[[Any], Any]
    weight: float = 1.0


def subjects(folder: Path) -> dict[str, Subject]:
    """By their names. `folder` is an empty one."""
    results = _results(folder / "results")
    paths = {"records": results / "f.records.jsonl", "summary": results / SUMMARY}
    good = {name: path.read_bytes() for name, path in paths.items()}
    records = [json.loads(line) for line in good["records"].splitlines()]
    summary = json.loads(good["summary"])
    collected = Collected("T", "c", {"seed 1": {"all": read_summary(results)}}, {})
    model = load(write_archive(folder / "f"))
    reader = model.validation_dataset_reader
    inputs = InputReader(Predictor.from_archive(model, "text_classifier"))
    data = [json.loads(line) for line in Path(VALIDATION).read_text().splitlines()[:3]]
    settings = to_json(Settings(dict(TARGETS), dict(METHODS), dict(ATTACKS), {"shares": [0.1]}))

    def of_file(name: str, look: Callable[[Path], Any]) -> Callable[[bytes], None]:
        """Puts a file in its place, looks at it, and puts the good one back."""

        def replaced(content: bytes) -> None:
            paths[name].write_bytes(content)
            try:
                look(paths[name])
            finally:
                paths[name].write_bytes(good[name])

        return replaced

    def alone(suffix: str, look: Callable[[Path], Any]) -> Callable[[bytes], None]:
        def written(content: bytes) -> None:
            path = folder / f"mutated{suffix}"
            path.write_bytes(content)
            look(path)

        return written

    return {
        "records": Subject(mutated_lines(records), of_file("records", _look_at_records), 0.2),
        "summary": Subject(mutated_json(summary), of_file("summary", _shown), 0.2),
        "pictures": Subject(mutated_json(summary), of_file("summary", _drawn), 0.01),
        "collected": Subject(mutated_json(to_json(collected)), alone(".json", _tabled)),
        "settings": Subject(mutated_value(settings), _measurement),
        "methods": Subject(mutated_argument(METHODS), _methods),
        "targets": Subject(mutated_argument(TARGETS), _asked("targets")),
        "attacks": Subject(mutated_argument(ATTACKS), _asked("attacks")),
        "faithfulness": Subject(mutated_argument(FAITHFULNESS), _faithfulness),
        "inputs": Subject(mutated_lines(REQUESTS), alone(".jsonl", _inputs(inputs))),
        "texts": Subject(mutated_bytes("a film\n\nä\r\n".encode()), alone(".txt", _inputs(inputs))),
        "data": Subject(mutated_lines(data), alone(".jsonl", _data(reader))),
        "lexicon": Subject(mutated_bytes(b"good\t1.9\t0.9\nbad\t-2.5\n"), alone(".txt", lexicon)),
    }


def _results(folder: Path) -> Path:
    attacks = {"reduction": reduced([1], [2]), "flip": flipped({2: "bad"})}
    erased = ErasedByMethod([0.5], [0.25], ["good"], 0.5)
    methods = {"gradient": erased, "own<method>": erased, "random": erased}
    f = [
        record(0, ["a", "lovely", "film"], attacks=attacks, faithfulness=Erased(0.75, methods)),
        record(1, ["Not", "ä"], 3.0, attacks=attacks, truncated=2, failed={"own<method>": "no"}),
    ]
    g = [record(index, one.words, 9.0, attacks=attacks) for index, one in enumerate(f)]
    return write_results(folder, {"f": f, "g": g})


def _look_at_records(path: Path) -> None:
    read(path)
    explained = read_explained({"r": path.parent})
    compared(explained, {"film": 1.0, "a": 0.0, "not": -1.0}, "good")
    assert SCRIPT not in _page(path.parent)


def _page(results: Path) -> str:
    """Without its pictures, which take a hundred times as long as all the rest."""
    with patch.object(page, "plots", return_value=[]):
        return page.render(results)


def _drawn(path: Path) -> None:
    for _, picture in plots(read_summary(path.parent)):
        assert SCRIPT not in picture


def _shown(path: Path) -> None:
    summary = read_summary(path.parent)
    printed = io.StringIO()
    show(tables(summary), notes(summary), Console(file=printed, width=80, color_system=None))
    assert not {one for one in printed.getvalue() if one < " "} - {"\n"}
    assert SCRIPT not in _page(path.parent)


def _tabled(path: Path) -> None:
    collected = read_collected(path)
    to_markdown(collected)
    to_latex(collected)


def _measurement(content: Any) -> None:
    Measurement.from_settings(from_json(Settings, content))


def _methods(argument: str) -> None:
    named_methods(named_configs([argument], "method"))


def _asked(kind: str) -> Callable[[str], None]:
    def read_argument(argument: str) -> None:
        configs = named_configs([argument], kind)
        targets = configs if kind == "targets" else {"first": "first_token"}
        attacks = configs if kind == "attacks" else {}
        Measurement.from_settings(Settings(targets, {"lrp": "lrp"}, attacks))

    return read_argument


def _faithfulness(argument: str) -> None:
    (config,) = named_configs([argument]).values()
    parameters = {"shares": [0.5]} if isinstance(config, str) else config
    Measurement.from_settings(Settings({"f": "first_token"}, {"lrp": "lrp"}, {}, parameters))


def _data(reader: DatasetReader) -> Callable[[Path], None]:
    def look(path: Path) -> None:
        corpus.read(reader, str(path))

    return look


def _inputs(reader: InputReader) -> Callable[[Path], None]:
    def look(path: Path) -> None:
        for request in read_inputs(path, "sentence").values():
            reader.check(request)

    return look

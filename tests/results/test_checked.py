"""What is read from files is checked, and what is wrong is named by its place."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facade_allennlp.errors import InputError
from facade_allennlp.results.checked import from_json, to_json
from facade_allennlp.results.files import SUMMARY, read_summary, write_summary
from facade_allennlp.results.record import Erased, ErasedByMethod, Record, Window
from facade_allennlp.results.records_file import read
from facade_allennlp.results.summary import (
    ExplanationsSummary,
    Likeness,
    MethodLabel,
    ModelSummary,
    OnTarget,
    Summary,
    TargetSummary,
)
from facade_allennlp.results.table import Heading, Table
from tests.report.results import record, write_results

FULL = Summary(
    "f",
    {
        "f": ModelSummary(
            3,
            "runs/f",
            {"accuracy": 66.67},
            None,
            {"first": TargetSummary(1, {"ig": OnTarget(50.0, None, 0.1, -2.0)})},
            ExplanationsSummary({"ig": {"lrp": Likeness(1.0, None)}}, {"ig": Likeness(2.0, 3.0)}),
            {"flip": {"without": 0, "mean_flips": 1.5, "flips_percent": {"1": 60.0, "2": None}}},
            analyses={"own": {"anything": [1, None]}},
        )
    },
    "dev.jsonl",
    {"ig": MethodLabel("InteGrad", -1)},
    {"accuracy": "accuracy"},
    [Table("method", [Heading("f", model="f")], [Heading("ig", method="ig")], [[[1.0, None]]])],
)


def test_a_summary_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_summary(tmp_path, FULL)
    assert read_summary(tmp_path) == FULL


def test_a_record_is_read_as_it_was_written() -> None:
    erased = Erased(0.5, {"ig": ErasedByMethod([0.1], [0.2], ["good"], 0.3)})
    full = replace(
        record(0, ["a", "b"]),
        window=Window("q", 1.5),
        faithfulness=erased,
        seconds={"ig": 0.25},
        analyses={"own": [1, "two"]},
    )
    assert from_json(Record, json.loads(json.dumps(to_json(full)))) == full


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("reference",), 3, "reference is 3, not a text"),
        (("version",), 9, "version 9, which is not known here: measure anew"),
        (("models",), {}, "names no models"),
        (("models", "f", "instances"), "3", "models.f.instances is '3', not a whole number"),
        (("models", "f", "instances"), True, "models.f.instances is True, not a whole number"),
        (("models", "f", "scores", "accuracy"), "high", "models.f.scores.accuracy is 'high'"),
        (("models", "f", "colour"), "red", "models.f.colour is no field of a ModelSummary"),
        (
            ("models", "f", "targets", "first", "methods", "ig", "p_at_1"),
            [],
            r"models.f.targets.first.methods.ig.p_at_1 is \[\]",
        ),
        (("tables",), [{"title": "x"}], r"tables\[0\].corner is missing"),
        (("methods", "ig"), None, "methods.ig is None, not an object"),
    ],
)
def test_a_wrong_summary_is_one_sentence_with_file_and_field(
    tmp_path: Path, place: tuple[str, ...], value: Any, message: str
) -> None:
    content = to_json(FULL)
    inside = content
    for name in place[:-1]:
        inside = inside[name]
    inside[place[-1]] = value
    (tmp_path / SUMMARY).write_text(json.dumps(content))
    with pytest.raises(InputError, match=message) as caught:
        read_summary(tmp_path)
    assert str(tmp_path / SUMMARY) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_number_is_named(tmp_path: Path) -> None:
    content = to_json(FULL)
    del content["models"]["f"]["targets"]["first"]["methods"]["ig"]["p_at_1"]
    (tmp_path / SUMMARY).write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"methods\.ig\.p_at_1 is missing"):
        read_summary(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("index", "0", "index is '0', not a whole number"),
        ("scores", {"gradient": [1, "2"]}, r"scores.gradient\[1\] is '2', not a number"),
        ("word_ids", [0.5], r"word_ids\[0\] is 0.5"),
        ("span", {}, "span is no field of a Record"),
    ],
)
def test_a_wrong_record_is_one_sentence_with_file_and_line(
    tmp_path: Path, name: str, value: Any, message: str
) -> None:
    write_results(tmp_path, {"f": [record(0, ["a"]), record(1, ["b"])]})
    path = tmp_path / "f.records.jsonl"
    header, first, second = path.read_text().splitlines()
    changed = json.dumps({**json.loads(second), name: value})
    path.write_text("\n".join([header, first, changed]) + "\n")
    with pytest.raises(InputError, match=rf"f\.records\.jsonl: line 3 is no record.*{message}"):
        read(path)


def test_the_form_of_version_1_is_upgraded(tmp_path: Path) -> None:
    on = {"p_at_1": 1, "mean_attribution": 2, "token_attribution": 3, "against_mean_token": None}
    model = {
        "archive": "runs/f",
        "instances": 10,
        "exact_match": 50.0,
        "f1": None,
        "targets": {"first": {"without": 3, "methods": {"lrp": on, "mine": on}}},
        "attacks": {"hotflip": {"without": 0}},
    }
    old = {"data": "dev.jsonl", "reference": "f", "models": {"f": model}}
    (tmp_path / SUMMARY).write_text(json.dumps(old))
    summary = read_summary(tmp_path)
    assert summary.models["f"].scores == {"exact_match": 50.0, "f1": None}
    assert summary.scores == {"exact_match": "EM", "f1": "F1"}
    assert summary.methods == {"lrp": MethodLabel("LRP"), "mine": MethodLabel("mine")}
    assert summary.models["f"].targets["first"].methods["lrp"] == OnTarget(1.0, 2.0, 3.0, None)

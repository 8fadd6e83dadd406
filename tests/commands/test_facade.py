"""`facade`: AllenNLP's own commands with this plugin, in this process."""

import json
from pathlib import Path
from typing import Any

import pytest

from fixtures import VALIDATION, classifier_config, training_config
from tests.commands.conftest import Command


def written(path: Path, config: dict[str, Any]) -> Path:
    path.write_text(json.dumps(config))
    return path


@pytest.mark.parametrize(
    ("model", "named"),
    [
        ({**classifier_config(), "type": "basic_clasifier"}, "basic_clasifier"),
        ({"type": "facade", "model": classifier_config(), "fooled": [], "lambda": 3}, "lambda"),
        ({"type": "facade", "model": classifier_config(), "fooled": []}, "`fooled`"),
    ],
    ids=["misspelt type", "unknown parameter", "empty list"],
)
def test_a_typo_in_a_config_is_one_sentence(
    tmp_path: Path, facade: Command, model: dict[str, Any], named: str
) -> None:
    config = written(tmp_path / "config.json", training_config(model))
    assert named in facade("train", config, "-s", tmp_path / "run").error()


def test_a_missing_config_is_one_sentence(tmp_path: Path, facade: Command) -> None:
    assert "none.json" in facade("train", tmp_path / "none.json", "-s", tmp_path / "run").error()


def test_help_names_the_commands_of_this_package(facade: Command) -> None:
    result = facade("--help")
    assert result.status == 0
    assert "usage: facade" in result.out
    for name in ("merge", "measure", "table", "train"):
        assert name in result.out


@pytest.mark.parametrize("name", ["merge", "measure", "table"])
def test_help_tells_a_default_once(facade: Command, name: str) -> None:
    # AllenNLP's parser appends "(default = ...)" to the help of every option that has one.
    printed = facade(name, "--help").out
    assert "(default = " in " ".join(printed.split())
    assert " (default)" not in printed
    for option in printed.split("\n  --"):
        assert option.count("(default ") <= 1, option
        assert "(default: " not in option or "(default = " not in option, option


def test_predict_runs_on_a_merged_archive(
    archives: dict[str, str], tmp_path: Path, facade: Command
) -> None:
    texts = [json.loads(line)["text"] for line in Path(VALIDATION).read_text().splitlines()]
    given = tmp_path / "texts.jsonl"
    given.write_text("".join(json.dumps({"sentence": text}) + "\n" for text in texts))
    output = tmp_path / "predictions.jsonl"
    archive = f"{archives['f_ft']}/model.tar.gz"
    result = facade("predict", archive, given, "--output-file", output, "--silent")
    assert result.status == 0, result.err
    predictions = [json.loads(line) for line in output.read_text().splitlines()]
    assert len(predictions) == len(texts)
    for prediction in predictions:
        best = max(range(2), key=prediction["probs"].__getitem__)
        assert prediction["label"] == ("positive", "negative")[best]
        assert prediction["tokens"][0] == "[CLS]"


def test_evaluate_runs_on_a_merged_archive(
    archives: dict[str, str], tmp_path: Path, facade: Command
) -> None:
    measured = tmp_path / "metrics.json"
    # The folder that `merge` wrote stands for the archive in it.
    result = facade("evaluate", archives["f_ft"], VALIDATION, "--output-file", measured)
    assert result.status == 0, result.err
    by_us = facade(
        "measure", archives["f_ft"], "--data", VALIDATION, "--target", "first_token",
        "--methods", "gradient", "--output", tmp_path / "results",
    )  # fmt: skip
    assert by_us.status == 0, by_us.err
    summary = json.loads((tmp_path / "results" / "summary.json").read_text())
    accuracy = json.loads(measured.read_text())["accuracy"]
    assert summary["models"]["f_ft"]["scores"]["accuracy"] == pytest.approx(
        100 * accuracy, abs=0.01
    )


@pytest.mark.parametrize("name", ["evaluate", "predict"])
def test_a_text_beyond_the_encoders_length_is_one_sentence(
    archives: dict[str, str], tmp_path: Path, facade: Command, name: str
) -> None:
    long = {"text": 60 * "film ", "label": "positive", "sentence": 60 * "film "}
    given = written(tmp_path / "long.jsonl", long)
    output = tmp_path / "output.json"
    error = facade(name, archives["f_ft"], given, "--output-file", output).error()
    assert "a text is 62 tokens long" in error
    assert "48 positions" in error

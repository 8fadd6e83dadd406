"""How the model of an archive is read: the same options for every command with a model."""

import json
from pathlib import Path
from typing import Any

import pytest

from facade_allennlp.archives import load
from facade_allennlp.demo.comparison import Comparison
from fixtures import TRAIN, VALIDATION, classifier_config
from fixtures.archives import write_archive
from fixtures.renamed import Renamed  # noqa: F401  (registers the model)
from tests.commands.conftest import Command

TEXT = "a lovely film"


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model whose logits are called `scores`."""
    config = {"type": "renamed", "model": classifier_config()}
    return write_archive(tmp_path_factory.mktemp("renamed") / "f", config)


def attributed(command: Command, archive: str, folder: Path, *options: Any) -> dict[str, Any]:
    texts, lines = folder / "texts.txt", folder / "lines.jsonl"
    texts.write_text(TEXT)
    result = command("attribute", archive, texts, "--force", "--output", lines, *options)
    assert result.status == 0, result.err
    return dict(json.loads(lines.read_text())["explanation"])


def test_every_command_takes_the_names_of_logits(
    renamed: str, tmp_path: Path, command: Command
) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text(TEXT)
    data = ["--data", VALIDATION, "--limit", 4]
    commands = {
        "attribute": [renamed, texts, "--predictor", "text_classifier"],
        "measure": [renamed, *data, "--target", "first_token", "--methods", "gradient"],
        "prune": [renamed, *data, "--importance-data", TRAIN, "--importance-limit", 2],
        "triggers": [
            renamed, *data, "--mining-data", TRAIN, "--candidates", 1, "--top", 1, "--steps", 1,
        ],
    }  # fmt: skip
    for name, arguments in commands.items():
        output = [] if name == "attribute" else ["--output", tmp_path / name]
        refused = command(name, *arguments, *output)
        assert "name its logits" in refused.error(), name
        result = command(name, *arguments, *output, "--force", "--logits", "scores")
        assert result.status == 0, (name, result.err)


def test_the_demo_takes_them_too(renamed: str) -> None:
    models = {"f": load(renamed)}
    comparison = Comparison(models, {}, "text_classifier", logits=["scores"])
    (answer,) = comparison.answers({"sentence": TEXT}, ["gradient"])
    assert not answer.failed


def test_classes_have_the_names_of_the_namespace_that_is_given(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    usual = attributed(command, archives["f"], tmp_path)
    assert usual["class"] in ("positive", "negative")
    other = attributed(command, archives["f"], tmp_path, "--label-namespace", "other_labels")
    assert other["class"] in ("0", "1"), "a namespace without names"
    assert other["methods"] == usual["methods"]


def test_the_task_that_is_given_reads_the_outputs(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    usual = attributed(command, archives["f"], tmp_path)
    for task in ("single_label", '{"type": "single_label", "gold_field": "stars"}'):
        assert attributed(command, archives["f"], tmp_path, "--task", task) == usual
    texts = tmp_path / "texts.txt"
    unsuited = command("attribute", archives["f"], texts, "--task", "span")
    assert "span_start_logits" in unsuited.error()
    unknown = command("attribute", archives["f"], texts, "--task", "sorting")
    assert "sorting" in unknown.error()


def test_overrides_change_the_archives_config(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    shorter = json.dumps({"dataset_reader.max_sequence_length": 3})
    usual = attributed(command, archives["f"], tmp_path)
    cut = attributed(command, archives["f"], tmp_path, "--overrides", shorter)
    assert cut["tokens"] == usual["tokens"][:3]

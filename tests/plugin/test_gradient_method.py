"""A gradient method that a plugin adds is used and shown as those that ship."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from facade_allennlp.attribution import ExplainedModel, IntegratedGradients
from facade_allennlp.report.page import render
from facade_allennlp.results.files import read_summary
from facade_allennlp.results.records_file import read
from fixtures import VALIDATION, batch, build, by_hand
from tests.commands.conftest import Command
from tests.plugin.gradient_method import Midpoint


def test_its_scores_are_the_gradient_half_way() -> None:
    model, _, instances = build()
    inputs = batch(instances)
    attribution = Midpoint().attribute(ExplainedModel(model.double()), inputs)
    embedded = by_hand.embeddings(model, inputs)
    labels = attribution.classes[0]
    gradients = by_hand.gradients(model, inputs, embedded / 2, labels)
    expected = (embedded * gradients).sum(dim=-1) * inputs["tokens"]["tokens"]["mask"]
    torch.testing.assert_close(attribution.raw, expected)
    middle = IntegratedGradients(steps=1, rule="middle").attribute(ExplainedModel(model), inputs)
    torch.testing.assert_close(attribution.raw, middle.raw)


@pytest.fixture
def results(archives: dict[str, str], tmp_path: Path, command: Command) -> Path:
    measured = command(
        "measure", archives["f"], archives["f_ft"], "--data", VALIDATION, "--target", "first_token",
        "--methods", "gradient", "midpoint", "--limit", 3, "--output", tmp_path / "results",
    )  # fmt: skip
    assert measured.status == 0, measured.err
    assert "Midpoint" in measured.out
    return tmp_path / "results"


def test_it_is_measured_and_shown_by_commands_that_do_not_know_it(results: Path) -> None:
    label = read_summary(results).methods["midpoint"]
    assert (label.title, label.towards) == ("Midpoint", -1)
    _, records = read(results / "f.records.jsonl")
    for record in records:
        assert sum(record.attribution("midpoint")) == pytest.approx(1)
    script = (
        "import sys; from facade_allennlp.__main__ import main; "
        f"sys.argv = ['facade', 'table', {str(results)!r}, '--format', 'markdown']; main(); "
        "assert 'tests.plugin.gradient_method' not in sys.modules"
    )
    shown = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    assert "Midpoint" in shown.stdout.decode()
    assert "Midpoint" in render(results)


def test_attribute_explains_by_it(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("the film was great .\n", encoding="utf-8")
    shown = command("attribute", archives["f"], texts, "--methods", "midpoint")
    assert shown.status == 0, shown.err
    assert "midpoint" in shown.out.lower()

"""A target of a plugin is measured, shown in tables and pages, and fooled for, as those of ours."""

import json
from pathlib import Path

import pytest

import tests.plugin.token_target  # noqa: F401  (registers the target)
from facade_allennlp.attribution import ExplainedModel, Gradient
from facade_allennlp.targets import TokenTarget
from fixtures import VALIDATION, batch, build
from fixtures.archives import facade_config
from tests.commands.conftest import Command


def test_its_tokens_are_those_of_the_longest_word() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model)
    attribution = Gradient().attribute(explained, batch(instances))
    target = TokenTarget.by_name("longest_word")()
    mask = attribution.target_mask(target, explained.reader)
    for row, (sequence,) in zip(mask, attribution.sequences(explained.reader)):
        chosen = {sequence.word_ids[i] for i in row.nonzero().flatten().tolist()}
        (word,) = chosen
        assert len(sequence.words[word]) == max(map(len, sequence.words))


def test_measure_table_and_report_show_it(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    measured = command(
        "measure", archives["f"], "--data", VALIDATION, "--output", tmp_path, "--target",
        "longest_word", "--methods", "gradient",
    )  # fmt: skip
    assert measured.status == 0, measured.err
    summary = json.loads((tmp_path / "summary.json").read_text())
    p_at_1 = summary["models"]["f"]["targets"]["longest_word"]["methods"]["gradient"]["p_at_1"]
    assert 0 <= p_at_1 <= 100
    assert "longest" in command("table", tmp_path).out
    page = tmp_path / "report.html"
    assert command("report", tmp_path, "--output", page).status == 0
    assert "longest_word" in page.read_text()


def test_a_facade_can_be_trained_on_it() -> None:
    config = facade_config()
    config["fooled"][0]["target"] = "longest_word"
    facade, _, instances = build(config)
    facade.train()
    loss = facade(**batch(instances))["loss"]
    loss.backward()
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in facade.parameters())
    assert "no_target" in facade.get_metrics()
    assert facade.get_metrics()["no_target"] == pytest.approx(0)

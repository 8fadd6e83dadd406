"""From training to the tables, with the tiny BERT; steps run in this process."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from allennlp import commands

from facade_allennlp.reproduction import run as run_module
from facade_allennlp.reproduction.experiment import FILE
from fixtures import TRAIN, VALIDATION, classifier_config, training_config
from tests.commands.conftest import Command

EXPERIMENT = {
    "title": "Tiny reviews",
    "paper": "sentiment",
    "train": {"f": {"config": "predictive.json"}, "g_ft": {"config": "facade.json"}},
    "construct": {"g_made": {"predictive": "f", "target": "first_token"}},
    "merge": {
        "f_ft": {"predictive": "f", "facade": "g_ft", "facade_scale": 0.5},
        "f_made": {"predictive": "f", "facade": "g_made"},
    },
    "measure": {
        "saliency": {
            "models": ["f", "f_ft", "f_made"],
            "targets": {"first_token": "first_token"},
            "methods": {"gradient": "gradient"},
            "attacks": {"flips": {"type": "hotflip", "max_flips": 2}},
        }
    },
}


STEPS = ["train", "train", "construct-facade", "merge", "merge", "measure"]


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    folder = tmp_path / "configs" / "tiny"
    folder.mkdir(parents=True)
    fooled = {"method": "gradient", "target": "first_token", "strength": 1}
    models = {
        "predictive": classifier_config(),
        "facade": {"type": "facade", "model": classifier_config(), "fooled": [fooled]},
    }
    for name, model in models.items():
        config = training_config(model, train_data_path=TRAIN, validation_data_path=VALIDATION)
        (folder / f"{name}.json").write_text(json.dumps(config))
    (folder / FILE).write_text(json.dumps(EXPERIMENT))
    return folder.parent


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The subcommands that were run, in order."""
    done = []

    def run(arguments: Sequence[str]) -> None:
        done.append(arguments[0])
        monkeypatch.setattr(sys, "argv", ["allennlp", *arguments])
        commands.main()

    monkeypatch.setattr(run_module, "in_process_of_its_own", run)
    return done


def test_from_training_to_tables_and_figures(
    configs: Path, tmp_path: Path, command: Command, ran: list[str]
) -> None:
    runs, output = tmp_path / "runs", tmp_path / "results"
    arguments = (
        *("reproduce", "tiny", "--configs", configs, "--seeds", 3, 4),
        *("--runs", runs, "--output", output),
    )
    result = command(*arguments)
    assert result.status == 0, result.err
    assert ran == STEPS * 2

    collected = json.loads((output / "tiny.json").read_text())
    assert list(collected["runs"]) == ["paper", "seed 3", "seed 4"]
    of_seed = [collected["runs"][f"seed {seed}"]["saliency"]["models"] for seed in (3, 4)]
    assert of_seed[0]["f"] != of_seed[1]["f"], "seeds give models of their own"
    page = (output / "tiny.md").read_text()
    assert "`allennlp reproduce tiny --seeds 3 4`" in page
    attribution = of_seed[1]["f_ft"]["targets"]["first_token"]["methods"]["gradient"]
    cell = f"{attribution['p_at_1']:.1f} / {attribution['mean_attribution']:.1f}"
    assert "| 99.5 / 67.8 | " in page
    assert cell in page
    assert (output / "tiny.tex").exists()
    assert (output / "tiny" / "saliency-flips.svg").exists()
    assert str(tmp_path) not in json.dumps(collected)

    ran.clear()
    assert command(*arguments).status == 0
    assert ran == ["measure"] * 2, "what is there is kept"
    assert json.loads((output / "tiny.json").read_text()) == collected


def test_a_part_at_a_time_makes_the_whole(
    configs: Path, tmp_path: Path, command: Command, ran: list[str]
) -> None:
    arguments = (
        *("reproduce", "tiny", "--configs", configs, "--runs", tmp_path / "runs"),
        *("--output", tmp_path / "results"),
    )
    page = tmp_path / "results" / "tiny.md"
    assert command(*arguments, "--models", "*made").status == 0
    assert ran == ["train", "construct-facade", "merge", "measure"]
    assert "`allennlp reproduce tiny --seeds 1 --models '*made'`" in page.read_text()
    assert "Not measured: f_ft of saliency (seed 1)." in page.read_text()
    ran.clear()
    assert command(*arguments, "--models", "f_ft").status == 0
    assert ran == ["train", "merge", "measure"]
    summary = json.loads((tmp_path / "results" / "tiny.json").read_text())
    models = summary["runs"]["seed 1"]["saliency"]["models"]
    assert list(models) == ["f", "f_ft", "f_made"], "what was measured before stays"
    assert models["f_made"]["agreement"] == 100
    assert "Not measured" not in page.read_text()


def test_a_dry_run_only_tells(
    configs: Path, tmp_path: Path, command: Command, ran: list[str]
) -> None:
    runs = tmp_path / "runs"
    result = command("reproduce", "tiny", "--configs", configs, "--runs", runs, "--dry-run")
    told = [line for line in result.out.splitlines() if line.startswith("allennlp ")]
    assert [line.split()[1] for line in told] == STEPS
    assert not ran
    assert not runs.exists()


def test_an_experiment_that_is_not_there(configs: Path, command: Command) -> None:
    error = command("reproduce", "poetry", "--configs", configs).error()
    assert "no such experiment" in error
    assert "tiny" in error

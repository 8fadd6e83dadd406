"""The measurements of an experiment, of all seeds, with the paper's numbers in the same form."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError

from facade_allennlp.results.files import read_summary

PAPER = "paper"
METRICS = "metrics.json"


def collect(
    title: str, paper: Optional[str], seeds: Mapping[str, Mapping[str, Path]], command: str
) -> dict[str, Any]:
    """
    # Parameters

    title : `str`
    paper : `str`, optional
        The experiment's name among the paper's numbers.
    seeds : `Mapping[str, Mapping[str, Path]]`
        By the name of the run the folder of each measurement.
    command : `str`
        What made them.

    # Returns

    `title`, `command`; `runs`: by the run's name, `paper` first, by the measurement's name a
    summary; and `training`: by the run's name, for each trained model, how long it took and its
    best epoch.

    # Raises

    `ConfigurationError` : the paper has no such experiment; a measurement is not there.
    """
    runs: dict[str, Any] = {}
    if paper is not None:
        runs[PAPER] = paper_numbers(paper)
    for seed, measurements in seeds.items():
        runs[seed] = {name: _portable(read_summary(path)) for name, path in measurements.items()}
    training = {
        seed: _training(next(iter(measurements.values())).parent.parent)
        for seed, measurements in seeds.items()
        if measurements
    }
    return {"title": title, "command": command, "runs": runs, "training": training}


def paper_numbers(experiment: str) -> dict[str, Any]:
    """
    By the measurement's name a summary with what the paper tells.

    # Raises

    `ConfigurationError` : the paper has no such experiment.
    """
    text = (files("facade_allennlp.report") / "paper.json").read_text(encoding="utf-8")
    experiments = json.loads(text)["experiments"]
    if experiment not in experiments:
        raise ConfigurationError(
            f"the paper has no experiment {experiment!r}, but {', '.join(experiments)}"
        )
    return experiments[experiment]


def _portable(summary: dict[str, Any]) -> dict[str, Any]:
    """Without the paths of the machine that measured."""
    models = {
        name: {key: value for key, value in model.items() if key != "archive"}
        for name, model in summary["models"].items()
    }
    return {"reference": summary["reference"], "models": models}


def _training(models: Path) -> dict[str, Any]:
    kept = ("training_duration", "best_epoch")
    return {
        path.parent.name: {
            name: value for name, value in json.loads(path.read_text()).items() if name in kept
        }
        for path in sorted(models.glob(f"*/{METRICS}"))
    }

"""The measurements of an experiment, of all seeds, with the paper's numbers in the same form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Optional

from facade_allennlp.errors import InputError, brief, placed
from facade_allennlp.lines import strict_json
from facade_allennlp.report.joined import joined
from facade_allennlp.results.checked import from_json
from facade_allennlp.results.files import read_summary, summary_from_json
from facade_allennlp.results.summary import VERSION, ModelSummary, Summary

PAPER = "paper"
METRICS = "metrics.json"


@dataclass
class Trained:
    """How long a model was trained, and the best of its epochs, from 0."""

    training_duration: str
    best_epoch: int


@dataclass
class Collected:
    """
    The measurements of an experiment.

    # Parameters

    title : `str`
    command : `str`
        What made them.
    runs : `dict[str, dict[str, Summary]]`
        By the run's name, `paper` first, by the measurement's name.
    training : `dict[str, dict[str, Trained]]`
        By the run's name, for each trained model.
    missing : `list[str]`
        What of the experiment was not measured.
    """

    title: str
    command: str
    runs: dict[str, dict[str, Summary]]
    training: dict[str, dict[str, Trained]]
    missing: list[str] = field(default_factory=list)
    version: int = VERSION

    @property
    def measured(self) -> dict[str, dict[str, Summary]]:
        """The runs without the paper's."""
        return {run: summaries for run, summaries in self.runs.items() if run != PAPER}


def collect(
    title: str,
    paper: Optional[str],
    seeds: Mapping[str, Mapping[str, Path]],
    command: str,
    tables: Mapping[str, str] = {},
    missing: Sequence[str] = (),
) -> Collected:
    """
    Reads the measurements of an experiment.

    # Parameters

    title : `str`
    paper : `str`, optional
        The experiment's name among the paper's numbers.
    seeds : `Mapping[str, Mapping[str, Path]]`
        By the name of the run the folder of each measurement.
    command : `str`
        What made them.
    tables : `Mapping[str, str]`, optional
        By the name of a measurement that of another one, whose tables have its methods, too.
    missing : `Sequence[str]`, optional
        What of the experiment was not measured.

    # Raises

    `InputError` : the paper has no such experiment; a measurement is not there.
    """
    runs = {} if paper is None else {PAPER: paper_numbers(paper)}
    for seed, measurements in seeds.items():
        read = {name: _portable(read_summary(path)) for name, path in measurements.items()}
        runs[seed] = joined(read, tables)
    training = {
        seed: _training(next(iter(measurements.values())).parent.parent)
        for seed, measurements in seeds.items()
        if measurements
    }
    return Collected(title, command, runs, training, list(missing))


def read_collected(path: Path) -> Collected:
    """
    What `allennlp reproduce` wrote as `NAME.json`.

        print(to_markdown(read_collected(Path("results/sentiment.json"))))

    # Raises

    `InputError` : it is no such file.
    """
    with placed(f"{path} holds no collected measurements"):
        try:
            content = strict_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(brief(error)) from None
        content = from_json(dict[str, Any], content)
        summaries = from_json(dict[str, dict[str, Any]], content.pop("runs", None), "runs")
        runs = {
            run: {name: summary_from_json(summary) for name, summary in named.items()}
            for run, named in summaries.items()
        }
        collected = from_json(Collected, {**content, "runs": {}, "version": VERSION})
    return replace(collected, runs=runs)


def paper_numbers(experiment: str) -> dict[str, Summary]:
    """
    By the measurement's name a summary with what the paper tells.

    # Raises

    `InputError` : the paper has no such experiment.
    """
    text = (files("facade_allennlp.report") / "paper.json").read_text(encoding="utf-8")
    experiments = json.loads(text)["experiments"]
    if experiment not in experiments:
        raise InputError(
            f"the paper has no experiment {experiment!r}, but {', '.join(experiments)}"
        )
    return {name: summary_from_json(of) for name, of in experiments[experiment].items()}


def _portable(summary: Summary) -> Summary:
    """Without the paths of the machine that measured."""
    models: dict[str, ModelSummary] = {
        name: replace(model, archive=None) for name, model in summary.models.items()
    }
    return replace(summary, models=models, data=None)


def _training(models: Path) -> dict[str, Trained]:
    trained: dict[str, Trained] = {}
    for path in sorted(models.glob(f"*/{METRICS}")):
        metrics: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        trained[path.parent.name] = Trained(metrics["training_duration"], metrics["best_epoch"])
    return trained

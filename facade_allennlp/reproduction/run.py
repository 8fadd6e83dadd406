"""Runs an experiment step by step; what is there already is kept."""

import json
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any, Optional

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from facade_allennlp.archives.archive import ARCHIVE_NAME
from facade_allennlp.archives.trust import OPTION, is_trusting
from facade_allennlp.reproduction.experiment import RUNS, Experiment, Training
from facade_allennlp.results.configs import written
from facade_allennlp.results.files import SUMMARY, read_summary
from facade_allennlp.results.settings import Settings

DATA = "data/"
"""Where the shipped configs look for corpora."""

Run = Callable[[Sequence[str]], None]


@dataclass
class Step:
    """
    One command, and what it is for.

    # Parameters

    title : `str`
    arguments : `list[str]`
        Of `allennlp`.
    """

    title: str
    arguments: list[str]


@dataclass
class Place:
    """
    Where an experiment's configs, corpora and models are.

    # Parameters

    configs : `Path`
        The folder of the experiment's file.
    runs : `Path`
        The folder of its models, of one seed.
    data : `Path`, optional
        A folder to take the place of `data` in the configs.
    share : `float`, optional
        Of the inputs of each measurement, how many are measured. They have a folder of their own.
    """

    configs: Path
    runs: Path
    data: Optional[Path] = None
    cuda_device: int = -1
    share: Optional[float] = None

    def model(self, name: str) -> Path:
        """`NAME`, or `EXPERIMENT/NAME` for a model of another experiment with the same seed."""
        if "/" not in name:
            return self.runs / name
        experiment, model = name.split("/")
        return self.runs.parent.parent / experiment / self.runs.name / model

    def corpus(self, path: str) -> str:
        if self.data is None or not path.startswith(DATA):
            return path
        return str(self.data / path.removeprefix(DATA))


def reproduce(experiment: Experiment, place: Place, seed: int, run: Optional[Run] = None) -> None:
    """
    Trains, constructs, merges and measures. A step whose result is there is left out; one that was
    stopped goes on where it was.

    # Raises

    `ConfigurationError` : a step failed, or needs a model of another experiment that is not there.
    """
    for reason in lacking(experiment, place):
        raise ConfigurationError(reason)
    run = run or in_process_of_its_own
    for step in steps(experiment, place, seed):
        print(f"{step.title}: allennlp {' '.join(step.arguments)}", flush=True)
        run(step.arguments)


def lacking(experiment: Experiment, place: Place) -> list[str]:
    """What is to be said of each model of another experiment that is not there."""
    return [
        f"{name} needs {model}, which is not in {place.model(model)}: run "
        f"`allennlp reproduce {model.split('/')[0]}` with this seed before"
        for model, name in experiment.foreign.items()
        if not (place.model(model) / ARCHIVE_NAME).exists()
    ]


def steps(experiment: Experiment, place: Place, seed: int) -> list[Step]:
    """What is still to be done."""
    todo = []
    for name, training in experiment.train.items():
        if not (place.runs / name / ARCHIVE_NAME).exists():
            todo.append(Step(f"train {name}", train_arguments(name, training, place, seed)))
    for name, construction in experiment.construct.items():
        if not (place.runs / name / ARCHIVE_NAME).exists():
            made = ["construct-facade", str(place.model(construction.predictive))]
            made += ["--target", written(construction.target)]
            made += ["--output", str(place.runs / name)]
            todo.append(Step(f"construct {name}", made))
    for name, merging in experiment.merge.items():
        locations = [place.model(part) for part in merging.parts]
        if not (place.runs / name / ARCHIVE_NAME).exists():
            merged = ["merge", *map(str, locations), "--output", str(place.runs / name)]
            scale = ["--facade-scale", str(merging.facade_scale)]
            todo.append(Step(f"merge {name}", merged + scale))
    for name in experiment.measure:
        arguments = measure_arguments(name, experiment, place)
        todo.append(Step(f"measure {name}", arguments))
    return todo


def results(place: Place, measurement: str) -> Path:
    folder = "results" if place.share is None else f"results-{place.share:g}"
    return place.runs / folder / measurement


def measured_before(experiment: Experiment, place: Place) -> dict[str, list[str]]:
    """The models of each measurement that there are results of, in the experiment's order."""
    there = {}
    for name, measurement in experiment.measure.items():
        folder = results(place, name)
        if (folder / SUMMARY).exists():
            models = read_summary(folder).models
            there[name] = [model for model in measurement.models if model in models]
    return there


def not_measured(experiment: Experiment, there: Mapping[str, Collection[str]]) -> list[str]:
    """Measurements that are not there, and models that others of them lack."""
    told = []
    for name, measurement in experiment.measure.items():
        missing = [model for model in measurement.models if model not in there.get(name, ())]
        if name not in there:
            told.append(name)
        elif missing:
            told.append(f"{', '.join(missing)} of {name}")
    return told


def train_arguments(name: str, training: Training, place: Place, seed: int) -> list[str]:
    path = place.configs / training.config
    config = Params.from_file(str(path)).as_dict(quiet=True)
    overrides = {
        "random_seed": seed,
        "numpy_seed": seed,
        "pytorch_seed": seed,
        "trainer.cuda_device": place.cuda_device,
        **{
            key: place.corpus(config[key])
            for key in ("train_data_path", "validation_data_path")
            if key in config
        },
        **_filled_in(training.overrides, place),
    }
    folder = place.runs / name
    arguments = ["train", str(path), "-s", str(folder), "-o", json.dumps(overrides)]
    return [*arguments, "--recover"] if (folder / "config.json").exists() else arguments


def measure_arguments(name: str, experiment: Experiment, place: Place) -> list[str]:
    measurement = experiment.measure[name]
    path = place.configs / experiment.config_of(measurement)
    config = Params.from_file(str(path)).as_dict(quiet=True)
    data = place.corpus(config["validation_data_path"])
    arguments = ["measure"]
    for shown, model in measurement.models.items():
        location = place.model(model)
        arguments.append(str(location) if location.name == shown else f"{shown}={location}")
    arguments += ["--data", data, "--output", str(results(place, name))]
    settings = _of_inputs(name, measurement.settings, place.share)
    settings = replace(settings, methods=_filled_in(settings.methods, place))
    arguments += settings.command_line()
    return [*arguments, "--cuda-device", str(place.cuda_device)]


def _of_inputs(name: str, settings: Settings, share: Optional[float]) -> Settings:
    """
    # Raises

    `ConfigurationError` : a share is asked for of all inputs, whose number is not known.
    """
    if share is None:
        return settings
    if settings.limit is None:
        raise ConfigurationError(f"{name} has no limit of inputs that there could be a share of")
    return replace(settings, limit=ceil(share * settings.limit))


def in_process_of_its_own(arguments: Sequence[str]) -> None:
    """
    Runs `allennlp` with these arguments.

    # Raises

    `ConfigurationError` : the command failed.
    """
    trust = [OPTION] if is_trusting() else []
    command = [sys.executable, "-m", "facade_allennlp", *arguments, *trust]
    code = subprocess.run(command, check=False).returncode
    if code == 130:
        raise KeyboardInterrupt
    if code:
        raise ConfigurationError(
            f"`allennlp {arguments[0]} {arguments[1]}` ended with exit status {code}; what is done "
            "is kept, so the same command goes on from here"
        )


def _filled_in(value: Any, place: Place) -> Any:
    """With the folders of models and corpora that are meant."""
    if isinstance(value, dict):
        return {key: _filled_in(inner, place) for key, inner in value.items()}
    return place.corpus(value.replace(RUNS, str(place.runs))) if isinstance(value, str) else value

"""What is done for an experiment, and what is left out because it is there."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from facade_allennlp.reproduction import Experiment, reproduce
from facade_allennlp.reproduction.experiment import FILE, read_experiments
from facade_allennlp.reproduction.run import Place, steps
from fixtures import classifier_config, training_config

EXPERIMENT: dict[str, Any] = {
    "title": "Tiny reviews",
    "train": {
        "f": {"config": "predictive.json"},
        "g": {"config": "facade.json", "overrides": {"vocabulary.directory": "{runs}/f/vocab"}},
    },
    "merge": {"f_ft": {"predictive": "f", "facade": "g", "facade_scale": 0.5}},
    "measure": {
        "saliency": {
            "models": ["f", "f_ft"],
            "targets": {"first_token": "first_token"},
            "methods": {"ig": {"type": "integrated_gradients", "steps": 2}},
            "limit": 3,
        }
    },
}


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    folder = tmp_path / "configs" / "tiny"
    folder.mkdir(parents=True)
    for name in ("predictive", "facade"):
        config = training_config(classifier_config(), train_data_path="data/tiny/train.jsonl")
        (folder / f"{name}.json").write_text(json.dumps(config))
    (folder / FILE).write_text(json.dumps(EXPERIMENT))
    return folder.parent


@pytest.fixture
def place(configs: Path, tmp_path: Path) -> Place:
    return Place(configs / "tiny", tmp_path / "runs" / "tiny" / "7", data=tmp_path / "corpora")


def experiment(**changes: Any) -> Experiment:
    return Experiment.from_params(Params({**EXPERIMENT, **changes}).duplicate())


def finish(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.tar.gz").touch()


def test_a_measurement_of_attacks_alone_has_no_methods(place: Place) -> None:
    attacks = {
        "models": ["f"],
        "targets": {"stop_words": "stop_words"},
        "methods": {},
        "attacks": {"hotflip": "hotflip"},
    }
    measured = steps(experiment(measure={"attacks": attacks}), place, seed=1)[-1].arguments
    assert measured[measured.index("--methods") + 1 :][:2] == ["--attacks", "hotflip"]


def test_a_measurement_of_predictions_alone_has_no_targets(place: Place) -> None:
    predictions = {"models": ["f", "f_ft"], "targets": {}, "methods": {}}
    measured = steps(experiment(measure={"predictions": predictions}), place, seed=1)[-1].arguments
    assert "--target" not in measured
    assert "--methods" in measured


def test_everything_is_done_in_order(place: Place) -> None:
    todo = steps(experiment(), place, seed=7)
    assert [step.title for step in todo] == ["train f", "train g", "merge f_ft", "measure saliency"]
    train = todo[1].arguments
    assert train[:4] == ["train", str(place.configs / "facade.json"), "-s", str(place.runs / "g")]
    overrides = json.loads(train[train.index("-o") + 1])
    assert overrides["pytorch_seed"] == 7
    assert overrides["train_data_path"] == str(place.data) + "/tiny/train.jsonl"
    assert overrides["vocabulary.directory"] == f"{place.runs}/f/vocab"
    assert "--recover" not in train
    runs = place.runs
    assert todo[2].arguments == [
        *("merge", str(runs / "f"), str(runs / "g"), "--output", str(runs / "f_ft")),
        *("--facade-scale", "0.5"),
    ]
    measured = todo[3].arguments
    assert measured[:3] == ["measure", str(runs / "f"), str(runs / "f_ft")]
    assert 'ig={"type": "integrated_gradients", "steps": 2}' in measured
    assert measured[measured.index("--limit") + 1] == "3"


def test_what_is_there_is_kept_and_what_was_begun_goes_on(place: Place) -> None:
    finish(place.runs / "f")
    (place.runs / "g").mkdir(parents=True)
    (place.runs / "g" / "config.json").touch()
    todo = steps(experiment(), place, seed=7)
    assert [step.title for step in todo] == ["train g", "merge f_ft", "measure saliency"]
    assert "--recover" in todo[0].arguments


def test_a_failing_step_ends_the_run(place: Place) -> None:
    done: list[str] = []

    def run(arguments: Sequence[str]) -> None:
        done.append(arguments[0])
        if arguments[0] == "merge":
            raise ConfigurationError("no")

    with pytest.raises(ConfigurationError, match="no"):
        reproduce(experiment(), place, seed=7, run=run)
    assert done == ["train", "train", "merge"]


def test_a_model_of_another_experiment_has_to_be_there(place: Place) -> None:
    borrowing = experiment(merge={"f_ft": {"predictive": "f", "facade": "other/g_stop"}})
    with pytest.raises(ConfigurationError, match="allennlp reproduce other"):
        steps(borrowing, place, seed=7)
    there = place.runs.parent.parent / "other" / "7" / "g_stop"
    finish(there)
    merge = steps(borrowing, place, seed=7)[2]
    assert merge.arguments[2] == str(there)


def test_models_of_other_experiments_alone_can_be_measured(place: Place) -> None:
    measured = {
        "models": ["other/f"],
        "targets": {"first_token": "first_token"},
        "methods": {"gradient": "gradient"},
        "faithfulness": {"shares": [0.5]},
        "time": True,
        "config": "predictive.json",
    }
    borrowing = experiment(train={}, merge={}, measure={"m": measured})
    assert borrowing.needs == {"other"}
    with pytest.raises(ConfigurationError, match=r"m needs other/f, .* reproduce other"):
        steps(borrowing, place, seed=7)
    finish(place.runs.parent.parent / "other" / "7" / "f")
    ((_, arguments),) = [(step.title, step.arguments) for step in steps(borrowing, place, seed=7)]
    assert arguments[1] == str(place.runs.parent.parent / "other" / "7" / "f")
    assert arguments[arguments.index("--faithfulness") + 1] == '{"shares": [0.5]}'
    assert "--time" in arguments


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {
                "train": {},
                "merge": {},
                "measure": {"m": {"models": ["other/f"], "targets": {}, "methods": {}}},
            },
            "measure.m needs a `config`",
        ),
        (
            {"merge": {"f_ft": {"predictive": "f", "facade": "h"}}},
            "merge.f_ft names 'h'",
        ),
        (
            {"measure": {"m": {"models": ["f_st"], "targets": {}, "methods": {}}}},
            "measure.m.models names 'f_st'",
        ),
    ],
)
def test_names_that_are_not_there(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        experiment(**changes)


def test_experiments_come_after_those_they_borrow_from(configs: Path) -> None:
    for name, facade in (("a", "z/g"), ("z", "g")):
        (configs / name).mkdir()
        merge = {"f_ft": {"predictive": "f", "facade": facade}}
        (configs / name / FILE).write_text(json.dumps({**EXPERIMENT, "merge": merge}))
    assert list(read_experiments(["all"], configs)) in (["tiny", "z", "a"], ["z", "tiny", "a"])
    assert list(read_experiments(["a"], configs)) == ["a"]


def test_an_unknown_experiment_is_refused_with_the_known_ones(configs: Path) -> None:
    with pytest.raises(ConfigurationError, match="configs has tiny"):
        read_experiments(["tyni"], configs)

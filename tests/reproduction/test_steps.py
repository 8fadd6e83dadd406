"""What is done for an experiment, and what is left out because it is there."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from facade_allennlp.reproduction import Experiment, reproduce
from facade_allennlp.reproduction.experiment import FILE, read_experiments
from facade_allennlp.reproduction.part import of_seed, part
from facade_allennlp.reproduction.run import Place, not_measured, steps
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


def test_methods_read_the_corpora_that_are_meant(place: Place) -> None:
    exchange = {"type": "exchange", "corpus": "data/tiny/dev.jsonl"}
    saliency = {"models": ["f"], "targets": {"first": "first_token"}, "methods": {"by": exchange}}
    measured = steps(experiment(measure={"saliency": saliency}), place, seed=1)[-1].arguments
    assert f'by={{"type": "exchange", "corpus": "{place.data}/tiny/dev.jsonl"}}' in measured


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
        reproduce(borrowing, place, seed=7, run=lambda arguments: None)
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
        reproduce(borrowing, place, seed=7, run=lambda arguments: None)
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
            {"construct": {"g_made": {"predictive": "h", "target": "first_token"}}},
            "construct.g_made names 'h'",
        ),
        ({"measure": {"m": {"models": ["a/f", "b/f"]}}}, "'f' is given twice"),
        ({"measure": {"m": {"models": []}}}, "there are no models"),
        (
            {"measure": {"m": {"models": ["f"], "targets": {}, "methods": {}, "table": "k"}}},
            "measure.m.table names 'k'",
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


MADE: dict[str, Any] = {
    "construct": {"g_made": {"predictive": "f", "target": {"type": "words", "words": ["a"]}}},
    "merge": {
        "f_ft": {"predictive": "f", "facade": "g"},
        "f_made": {"predictive": "f", "facade": "g_made"},
    },
    "measure": {
        "quick": {
            "models": {"f": "f", "trained": "f_ft", "made": "f_made"},
            "targets": {},
            "methods": {},
        },
        "slow": {
            "models": ["f", "f_ft"],
            "table": "quick",
            "seeds": 1,
            "targets": {},
            "methods": {},
        },
    },
}


def test_a_facade_is_constructed_for_what_was_trained_and_shown_by_its_own_name(
    place: Place,
) -> None:
    todo = {step.title: step.arguments for step in steps(experiment(**MADE), place, seed=1)}
    runs = place.runs
    assert list(todo)[2:4] == ["construct g_made", "merge f_ft"]
    assert todo["construct g_made"] == [
        *("construct-facade", str(runs / "f"), "--target", '{"type": "words", "words": ["a"]}'),
        *("--output", str(runs / "g_made")),
    ]
    assert todo["measure quick"][1:4] == [
        str(runs / "f"),
        f"trained={runs / 'f_ft'}",
        f"made={runs / 'f_made'}",
    ]


def test_a_part_does_what_it_needs_and_keeps_what_was_measured_before(place: Place) -> None:
    whole = experiment(**MADE)

    def titles(of: Experiment) -> list[str]:
        return [step.title for step in steps(of, place, seed=1)]

    made = part(whole, models=["ma*"])
    assert titles(made) == ["train f", "construct g_made", "merge f_made", "measure quick"]
    assert list(made.measure["quick"].models) == ["f", "made"]
    # g starts from f's vocabulary.
    trained = part(whole, ["quick"], ["trained"])
    assert titles(trained) == ["train f", "train g", "merge f_ft", "measure quick"]
    both = part(whole, ["quick"], ["trained"], {"quick": ["f", "made"]})
    assert list(both.measure["quick"].models) == ["f", "trained", "made"]
    with pytest.raises(ConfigurationError, match="no model 'x', but f, trained, made, f_ft"):
        part(whole, models=["x"])
    with pytest.raises(ConfigurationError, match=r"no measurement 's\?', but quick, slow"):
        part(whole, ["s?"])


def test_a_part_need_not_have_the_measurement_whose_table_it_adds_to(place: Place) -> None:
    slow = part(experiment(**MADE), ["slow"])
    assert list(slow.measure) == ["slow"]


def test_measurements_of_few_seeds_are_left_out_for_the_others(place: Place) -> None:
    whole = experiment(**MADE)
    assert of_seed(whole, 0) is whole
    assert list(of_seed(whole, 1).measure) == ["quick"]


def test_a_share_of_the_inputs_has_a_folder_of_its_own(place: Place) -> None:
    few = replace(place, share=0.4)
    arguments = steps(experiment(), few, seed=1)[-1].arguments
    assert arguments[arguments.index("--limit") + 1] == "2"  # 1.2 of 3
    assert arguments[arguments.index("--output") + 1] == str(place.runs / "results-0.4/saliency")
    with pytest.raises(ConfigurationError, match="quick has no limit"):
        steps(experiment(**MADE), few, seed=1)


def test_what_is_not_measured_is_told() -> None:
    there = {"quick": ["f", "made"]}
    assert not_measured(experiment(**MADE), there) == ["trained of quick", "slow"]
    assert not_measured(experiment(**MADE), {"slow": ["f", "f_ft"]}) == ["quick"]


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

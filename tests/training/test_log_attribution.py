import json
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model

from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.errors import InputError
from fixtures import batch, build, by_hand, classifier_config, training_config

CALLBACK = {
    "type": "log_attribution",
    "target": "first_token",
    "methods": ["gradient", {"type": "integrated_gradients", "steps": 2}],
    "every": 2,
}


def train(folder: Path, model: dict[str, Any] | None = None, **trainer: Any) -> Model:
    config = training_config(model or classifier_config())
    config["trainer"].update(trainer)
    return train_model(Params(config), str(folder))


def records(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "attribution.jsonl").read_text().splitlines()]


def test_measures_before_training_and_every_few_batches(tmp_path: Path) -> None:
    train(tmp_path, callbacks=[CALLBACK])  # two epochs of three batches
    assert [record["batches"] for record in records(tmp_path)] == [0, 2, 4, 6]
    measured = {"gradient_attribution", "gradient_p_at_1"}
    measured |= {f"integrated_{name}".replace("gradient_", "gradients_") for name in measured}
    for record in records(tmp_path):
        assert record.keys() == {"batches", "entropy"} | measured
    assert list((tmp_path / "log" / "attribution").glob("events.out.tfevents.*"))


def test_the_last_record_is_of_the_model_after_the_last_batch(tmp_path: Path) -> None:
    model = train(tmp_path, callbacks=[CALLBACK])
    model.load_state_dict(torch.load(tmp_path / "model_state_e2_b0.th"))
    _, _, instances = build()
    magnitude = by_hand.gradient_times_input(model.eval(), batch(instances)).abs()
    expected = float((magnitude[:, 1] / magnitude.sum(dim=-1)).mean())
    hits = float((magnitude.argmax(dim=-1) == 1).float().mean())
    assert records(tmp_path)[-1]["gradient_attribution"] == pytest.approx(expected, abs=1e-5)
    assert records(tmp_path)[-1]["gradient_p_at_1"] == pytest.approx(hits)


def test_training_goes_on_as_if_nothing_had_been_measured(tmp_path: Path) -> None:
    transformer = {"hidden_dropout_prob": 0.1}
    config = classifier_config(dropout=0.3)
    embedder = config["text_field_embedder"]["token_embedders"]["tokens"]
    embedder["transformer_kwargs"].update(transformer)
    smooth = {"type": "smooth_gradient", "samples": 2}
    every = {**CALLBACK, "methods": ["gradient", smooth], "every": 1}
    watched = train(tmp_path / "watched", config, callbacks=[every])
    alone = train(tmp_path / "alone", config)
    for name, weight in alone.state_dict().items():
        torch.testing.assert_close(watched.state_dict()[name], weight, atol=0, rtol=0)
    metrics = [
        json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("watched", "alone")
    ]
    for name in ("training_loss", "validation_loss", "best_validation_loss", "best_epoch"):
        assert metrics[0][name] == pytest.approx(metrics[1][name], rel=1e-6), name


def test_only_so_many_batches_are_measured(tmp_path: Path) -> None:
    batches: list[int] = []
    original = ExplainedModel.run

    def counted(self: ExplainedModel, inputs: Any) -> Any:
        batches.append(1)
        return original(self, inputs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExplainedModel, "run", counted)
        once = {**CALLBACK, "methods": ["gradient"], "every": 1000, "max_batches": 1}
        train(tmp_path, callbacks=[once])
    assert len(batches) == 1, "once before the first batch, on one batch"


def test_a_wrapper_is_measured_as_the_model_inside(tmp_path: Path) -> None:
    fooled = [{"method": "gradient", "target": "first_token"}]
    facade = {"type": "facade", "model": classifier_config(), "fooled": fooled}
    train(tmp_path, facade, callbacks=[CALLBACK])
    assert len(records(tmp_path)) == 4


def test_methods_of_one_type_have_names(tmp_path: Path) -> None:
    paths = [{"type": "integrated_gradients", "steps": steps} for steps in (1, 2)]
    named = dict(zip(("short", "long"), paths))
    model = train(tmp_path / "named", callbacks=[{**CALLBACK, "methods": named, "every": 1000}])
    (record,) = records(tmp_path / "named")
    kinds = ("attribution", "p_at_1")
    assert record.keys() == {"batches", "entropy"} | {f"{n}_{k}" for n in named for k in kinds}
    assert model is not None
    with pytest.raises(InputError, match="the method 'integrated_gradients' is given twice"):
        train(tmp_path / "twice", callbacks=[{**CALLBACK, "methods": paths}])


def test_a_model_with_names_of_its_own_is_measured(tmp_path: Path) -> None:
    """The namespaces are the reader's, the names of logits those of the callback's options."""
    config = training_config(classifier_config(namespace="pieces"))
    config["dataset_reader"]["token_indexers"]["tokens"]["namespace"] = "pieces"
    watched = {**CALLBACK, "target": "stop_words", "options": {"logits": ["logits"]}}
    config["trainer"]["callbacks"] = [{**watched, "every": 1000}]
    train_model(Params(config), str(tmp_path / "own"))
    (record,) = records(tmp_path / "own")
    assert record["gradient_attribution"] > 0


def test_bad_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="every is 0"):
        train(tmp_path / "every", callbacks=[{**CALLBACK, "every": 0}])
    config = training_config(classifier_config())
    config["trainer"]["callbacks"] = [CALLBACK]
    del config["validation_data_path"]
    with pytest.raises(ConfigurationError, match="needs validation data"):
        train_model(Params(config), str(tmp_path / "blind"))

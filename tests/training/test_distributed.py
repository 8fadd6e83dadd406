"""Two processes train as one does on the batches of both; accumulated gradients are as theirs."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from torch import Tensor

from fixtures import classifier_config, training_config
from fixtures.archives import facade_config

WRAPPERS: dict[str, dict[str, Any]] = {
    "facade": {
        **facade_config(),
        "fooled": [
            {"method": "gradient", "target": "first_token", "strength": 5.0},
            {"method": "gradient", "target": "stop_words", "name": "gradient_2"},
        ],
        "explained": "logit_contrast",
        "uniformity": "logits",
    },
    "gradient_regularized": {
        "type": "gradient_regularized",
        "model": classifier_config(8, 2),
    },
}
METRICS = {"facade": "fooled", "gradient_regularized": "raw_attribution"}


def train(
    model: dict[str, Any], folder: Path, batch_size: int, accumulated: int = 1, **more: Any
) -> dict[str, Tensor]:
    """Trains on the tiny reviews in their order; gives the weights."""
    config = training_config(model, data_loader={"batch_size": batch_size}, **more)
    config["trainer"]["optimizer"] = {"type": "sgd", "lr": 0.05}
    config["trainer"]["num_gradient_accumulation_steps"] = accumulated
    config["trainer"]["callbacks"] = [
        {"type": "log_attribution", "target": "first_token", "methods": ["gradient"], "every": 1}
    ]
    train_model(Params(config), str(folder), include_package=["facade_allennlp"])
    weights = torch.load(folder / "best.th", weights_only=True)
    weights.pop("step", None)  # a facade counts its batches, of which there are twice as many
    return weights


@pytest.mark.slow
@pytest.mark.usefixtures("forked_workers")
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_two_processes_train_as_one(wrapper: str, tmp_path: Path) -> None:
    alone = train(WRAPPERS[wrapper], tmp_path / "alone", batch_size=4)
    both = train(
        WRAPPERS[wrapper],
        tmp_path / "both",
        batch_size=2,
        distributed={
            "cuda_devices": [-1, -1],
            "ddp_accelerator": {"type": "torch", "find_unused_parameters": True},
        },
    )
    for name, weight in alone.items():
        torch.testing.assert_close(both[name], weight, atol=1e-6, rtol=1e-4)
    metrics = [json.loads((tmp_path / n / "metrics.json").read_text()) for n in ("alone", "both")]
    name = f"best_validation_{METRICS[wrapper]}"
    assert metrics[1][name] == pytest.approx(metrics[0][name], rel=1e-4)
    logs = [
        (tmp_path / n / "attribution.jsonl").read_text().splitlines() for n in ("alone", "both")
    ]
    assert len(logs[0]) == len(logs[1])
    for ours, theirs in zip(*logs, strict=True):
        assert json.loads(theirs) == pytest.approx(json.loads(ours), rel=1e-4)


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_accumulated_gradients_are_those_of_the_larger_batch(wrapper: str, tmp_path: Path) -> None:
    at_once = train(WRAPPERS[wrapper], tmp_path / "one", batch_size=4)
    accumulated = train(WRAPPERS[wrapper], tmp_path / "two", batch_size=2, accumulated=2)
    for name, weight in at_once.items():
        torch.testing.assert_close(accumulated[name], weight, atol=1e-6, rtol=1e-4)

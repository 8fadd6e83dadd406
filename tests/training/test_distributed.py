"""
Two processes train as one does on the batches of both, and accumulated gradients are as theirs. One
that is killed ends the other.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.commands.train import train_model, train_model_from_file
from allennlp.common import Params
from allennlp.common.util import find_open_port
from torch import Tensor

from facade_allennlp.__main__ import main
from fixtures import FOLDER, classifier_config, training_config
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
KILLED_WORKER = "fixtures.killed_worker"
METRICS = {"facade": "fooled", "gradient_regularized": "raw_attribution"}


def two_processes() -> dict[str, Any]:
    """Of a config; AllenNLP takes it apart."""
    return {
        "cuda_devices": [-1, -1],
        "ddp_accelerator": {"type": "torch", "find_unused_parameters": True},
    }


def train(
    model: dict[str, Any],
    folder: Path,
    batch_size: int,
    accumulated: int = 1,
    node: int = 0,
    **more: Any,
) -> dict[str, Tensor]:
    """Trains on the tiny reviews in their order; gives the weights."""
    config = training_config(model, data_loader={"batch_size": batch_size}, **more)
    config["trainer"]["optimizer"] = {"type": "sgd", "lr": 0.05}
    config["trainer"]["num_gradient_accumulation_steps"] = accumulated
    config["trainer"]["callbacks"] = [
        {"type": "log_attribution", "target": "first_token", "methods": ["gradient"], "every": 1}
    ]
    train_model(
        Params(config), str(folder), include_package=["facade_allennlp.plugin"], node_rank=node
    )
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
        distributed=two_processes(),
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


@pytest.mark.slow
@pytest.mark.usefixtures("forked_workers")
def test_two_nodes_train_as_one(tmp_path: Path) -> None:
    """As `docs/scale.md` has it, at an address of this machine; each writes a folder of its own."""
    alone = train(WRAPPERS["facade"], tmp_path / "alone", batch_size=4)
    nodes = {
        **two_processes(),
        "cuda_devices": [-1],
        "num_nodes": 2,
        "primary_address": "127.0.0.1",
        "primary_port": find_open_port(),
    }
    with ThreadPoolExecutor(2) as pool:
        trained = [
            pool.submit(
                train,
                WRAPPERS["facade"],
                tmp_path / str(node),
                batch_size=2,
                node=node,
                distributed=dict(nodes),
            )
            for node in (0, 1)
        ]
    for of_node in trained:
        for name, weight in alone.items():
            torch.testing.assert_close(of_node.result()[name], weight, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_accumulated_gradients_are_those_of_the_larger_batch(wrapper: str, tmp_path: Path) -> None:
    at_once = train(WRAPPERS[wrapper], tmp_path / "one", batch_size=4)
    accumulated = train(WRAPPERS[wrapper], tmp_path / "two", batch_size=2, accumulated=2)
    for name, weight in at_once.items():
        torch.testing.assert_close(accumulated[name], weight, atol=1e-6, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.usefixtures("forked_workers")
def test_a_training_goes_on_after_one_of_its_processes_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path, folder = tmp_path / "config.json", tmp_path / "g"
    callbacks = ["exact_resume", "killed_worker"]
    config = training_config(
        facade_config(),
        trainer={"num_epochs": 2, "optimizer": "adam", "callbacks": callbacks},
        distributed=two_processes(),
    )
    path.write_text(json.dumps(config))
    monkeypatch.chdir(FOLDER.parent)
    train = ["train", str(path), "-s", str(folder), "--include-package", KILLED_WORKER]
    monkeypatch.setattr(sys, "argv", ["facade", *train])
    with pytest.raises(SystemExit) as stop:
        main()
    told = capfd.readouterr().err
    assert stop.value.code == 2
    (error,) = [line for line in told.splitlines() if line.startswith("error:")]
    assert "process 1 terminated with signal SIGKILL" in error
    assert "--recover" in error
    assert "Traceback" not in told
    assert not (folder / "model.tar.gz").exists()
    train_model_from_file(str(path), str(folder), recover=True, include_package=[KILLED_WORKER])
    assert (folder / "model.tar.gz").exists()
    assert json.loads((folder / "metrics.json").read_text())["epoch"] == 1

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.training.callbacks import TrainerCallback

from fixtures import classifier_config, training_config
from fixtures.archives import facade_config

FACADE = facade_config()
NOISY_FACADE = {
    **FACADE,
    "fooled": [{"method": "integrated_gradients", "target": "first_token"}],
    "random_tokens": 0.5,
}
NOISY_CLASSIFIER = classifier_config(dropout=0.5)
SCHEDULERS: list[Any] = [
    None,
    {"type": "slanted_triangular"},
    {"type": "linear_with_warmup", "warmup_steps": 2},
    {"type": "cosine", "t_initial": 2},
    {"type": "step", "step_size": 1},
    {"type": "exponential", "gamma": 0.5},
    {"type": "multi_step", "milestones": [1, 3]},
]


class KilledError(Exception):
    pass


@TrainerCallback.register("killed_after_two_epochs")
class KilledAfterTwoEpochs(TrainerCallback):
    """Ends the process once, as far as AllenNLP can tell."""

    armed = False

    def on_batch(self, trainer: Any, *args: Any, is_training: bool, **kwargs: Any) -> None:
        if self.armed and is_training and trainer._epochs_completed == 2:
            raise KilledError


def train(folder: Path, model: dict[str, Any], scheduler: Any, recover: bool = False) -> None:
    config = training_config(model)
    config["trainer"].update(num_epochs=4, callbacks=["killed_after_two_epochs", "exact_resume"])
    if scheduler:
        config["trainer"]["learning_rate_scheduler"] = scheduler
    train_model(Params(config), str(folder), recover=recover)


@pytest.mark.parametrize(
    ("model", "scheduler"),
    [
        *((classifier_config(), scheduler) for scheduler in SCHEDULERS),
        *((model, None) for model in (FACADE, NOISY_FACADE, NOISY_CLASSIFIER)),
    ],
    ids=lambda value: value and value["type"],
)
def test_a_killed_training_resumes_to_the_same_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: dict[str, Any], scheduler: Any
) -> None:
    train(tmp_path / "whole", model, scheduler)
    with monkeypatch.context() as patch:
        patch.setattr(KilledAfterTwoEpochs, "armed", True)
        with pytest.raises(KilledError):
            train(tmp_path / "killed", model, scheduler)
    train(tmp_path / "killed", model, scheduler, recover=True)

    whole, resumed = (
        torch.load(tmp_path / name / "best.th", weights_only=True) for name in ("whole", "killed")
    )
    for name, weight in whole.items():
        torch.testing.assert_close(resumed[name], weight, atol=0, rtol=0)
    metrics = [
        json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("whole", "killed")
    ]
    for name, value in metrics[0].items():
        if "duration" not in name and "memory" not in name:
            assert metrics[1][name] == pytest.approx(value), name

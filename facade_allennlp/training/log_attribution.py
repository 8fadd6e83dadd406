import json
import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

import numpy
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.nn.util import dist_reduce_sum, move_to_device
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer
from tensorboardX import SummaryWriter

from facade_allennlp.attribution import explained_model, on_target
from facade_allennlp.attribution.named_methods import named_methods
from facade_allennlp.models.wrapper import entropy, unwrapped
from facade_allennlp.number import number
from facade_allennlp.targets import TokenTarget

logger = logging.getLogger(__name__)


@TrainerCallback.register("log_attribution")
class LogAttribution(TrainerCallback):
    """
    Measures mean attribution, P@1 and the outputs' entropy on the validation data while a model
    trains, and logs them to the console, to TensorBoard (`log/attribution` in the serialization
    directory) and to `attribution.jsonl` there. Training goes on as if nothing had been measured.

    # Parameters

    target : `TokenTarget`
    methods : `list[AttributionMethod] | dict[str, AttributionMethod]`
        Two of one type need names: a mapping.
    every : `int`, optional (default = `100`)
        Batches between two measurements; one is made before the first batch.
    max_batches : `int`, optional (default = `None`)
        Only so many batches of the validation data.
    options : `dict[str, Any]`, optional
        Of the model, see `explained_model`.

    # Raises

    `ConfigurationError` : no validation data to measure on; `every` or `max_batches` below 1; an
        unknown method.
    `InputError` : two methods of one name.
    """

    def __init__(
        self,
        serialization_dir: str,
        target: TokenTarget,
        methods: Any,  # of a union AllenNLP would not say which method is unknown
        every: int = 100,
        max_batches: Optional[int] = None,
        options: Optional[dict[str, Any]] = None,
    ) -> None:
        super().__init__(serialization_dir)
        number("every", every, least=1, whole=True)
        if max_batches is not None:
            number("max_batches", max_batches, least=1, whole=True)
        self.target = target
        self.methods = named_methods(methods)
        self.every = every
        self.max_batches = max_batches
        self.options = options or {}
        self._writer: Optional[SummaryWriter] = None

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary)
        if trainer._validation_data_loader is None:
            raise ConfigurationError("log_attribution needs validation data to measure on")
        if is_primary:
            self._writer = SummaryWriter(str(Path(self.serialization_dir) / "log" / "attribution"))
        if trainer._total_batches_completed == 0:
            self._log(trainer)

    def on_batch(
        self,
        trainer: GradientDescentTrainer,
        batch_inputs: Any,
        batch_outputs: Any,
        batch_metrics: dict[str, Any],
        epoch: int,
        batch_number: int,
        is_training: bool,
        is_primary: bool = True,
        batch_grad_norm: Optional[float] = None,
        **kwargs: Any,
    ) -> None:
        if is_training and trainer._total_batches_completed % self.every == 0:
            self._log(trainer)

    def on_end(
        self,
        trainer: GradientDescentTrainer,
        metrics: Optional[dict[str, Any]] = None,
        epoch: Optional[int] = None,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def _log(self, trainer: GradientDescentTrainer) -> None:
        batches = trainer._total_batches_completed
        with _undisturbed(trainer.model):
            measured = self.measure(trainer)
        if self._writer is None:  # another process of a distributed training reports
            return
        shown = ", ".join(f"{name} {value:.4f}" for name, value in measured.items())
        logger.info("after %d batches: %s", batches, shown)
        for name, value in measured.items():
            self._writer.add_scalar(f"attribution/{name}", value, batches)
        with open(
            Path(self.serialization_dir) / "attribution.jsonl", "a", encoding="utf-8"
        ) as lines:
            lines.write(json.dumps({"batches": batches, **measured}) + "\n")

    def measure(self, trainer: GradientDescentTrainer) -> dict[str, float]:
        """
        `<method>_attribution`, `<method>_p_at_1` and `entropy` on the validation data, of which
        each process of a distributed training has its share.
        """
        loader = trainer._validation_data_loader
        explained = explained_model(
            unwrapped(trainer.model), getattr(loader, "reader", None), **self.options
        )
        values: dict[str, list[float]] = {}

        def log(name: str, batch_values: torch.Tensor) -> None:
            values.setdefault(name, []).extend(batch_values.tolist())

        for place, batch in enumerate(loader):
            if place == self.max_batches:
                break
            inputs = move_to_device(batch, explained.device)
            with torch.no_grad():
                forward = explained.run(explained.without_labels(inputs))
            log("entropy", entropy(forward.alternatives()))
            for name, method in self.methods.items():
                attribution = method.attribute(explained, inputs)
                targets = attribution.target_mask(self.target, explained.reader)
                scores = on_target(attribution, targets)
                log(f"{name}_attribution", scores.attribution[scores.has_target])
                log(f"{name}_p_at_1", scores.hit[scores.has_target].float())
        return {
            name: dist_reduce_sum(sum(known)) / max(1, dist_reduce_sum(len(known)))
            for name, known in values.items()
        }


@contextmanager
def _undisturbed(model: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode, with the random state and the model's mode put back afterwards."""
    states = random.getstate(), numpy.random.get_state()
    training = model.training
    model.eval()
    try:
        with torch.random.fork_rng():
            yield
    finally:
        model.train(training)
        random.setstate(states[0])
        numpy.random.set_state(states[1])

"""What a killed training needs to go on."""

from typing import Any

import numpy
import torch
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer


@TrainerCallback.register("exact_resume")
class ExactResume(TrainerCallback):
    """
    Lets a training that was stopped and taken up with `allennlp train --recover` give the same
    weights as one that never stopped: AllenNLP saves no random state, so each batch's noise
    (dropout, a facade's random points and tokens) is drawn from a seed of its own, made of the
    config's `pytorch_seed` and the batch's number (and the process's, in distributed training).

    The order of the data is replayed by AllenNLP; it differs after a resume if validation shuffles.
    """

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary)
        self._base = torch.initial_seed() + trainer._rank
        self._seed_batch(
            trainer._start_after_epochs_completed, trainer._start_after_batches_in_epoch_completed
        )

    def on_batch(self, trainer: GradientDescentTrainer, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("is_training"):
            self._seed_batch(trainer._epochs_completed, trainer._batches_in_epoch_completed)

    def on_epoch(self, trainer: GradientDescentTrainer, *args: Any, **kwargs: Any) -> None:
        self._seed_batch(trainer._epochs_completed + 1, 0)

    def _seed_batch(self, epoch: int, batch: int) -> None:
        """Seeds the noise of the batch with this number (from 0) in the epoch."""
        torch.manual_seed((self._base + 1_000_003 * epoch + 7_919 * batch) % 2**63)


def allow_numpy_numbers() -> None:
    """
    Lets `torch.load` read numpy's numbers, which it refuses since torch 2.6: AllenNLP's `cosine`
    scheduler leaves them in the state that `allennlp train --recover` reads.
    """
    kinds = {type(numpy.dtype(kind)) for kind in ("float64", "float32", "int64", "bool")}
    torch.serialization.add_safe_globals(
        [numpy._core.multiarray.scalar, numpy.dtype, *kinds]  # type: ignore[attr-defined]
    )

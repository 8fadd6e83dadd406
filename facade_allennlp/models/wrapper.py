from collections.abc import Sequence
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models import Model
from allennlp.nn import InitializerApplicator
from allennlp.nn.util import dist_reduce_sum
from torch import Tensor

from facade_allennlp.archives.own_reader import own_reader
from facade_allennlp.attribution import ExplainedModel, explained_model
from facade_allennlp.tasks.alternatives import over_decisions, possible

EXPLAINED = ("prediction_loss", "logit_contrast")
"""What attributions in a training loss explain."""


class Wrapper(Model):
    """
    A model that trains another one in an unusual way, and otherwise behaves as that one does.

    # Parameters

    vocab : `Vocabulary`
    model : `Model`
        The model that is trained: any AllenNLP model.
    logits : `list[str]`, optional (default = `None`)
        Names of the model's outputs that hold logits; by default all whose name ends in `logits`.
    initializer : `InitializerApplicator`, optional
        Applied to `model`; with the `pretrained` initializer, training starts from its weights.
    serialization_dir : `str`, optional
        AllenNLP passes it. By the dataset reader of the config in there the tokens of a batch are
        read as those of an archive are.
    """

    default_predictor = "models_own"

    def __init__(
        self,
        vocab: Vocabulary,
        model: Model,
        logits: Optional[list[str]] = None,
        initializer: InitializerApplicator = InitializerApplicator(),
        serialization_dir: Optional[str] = None,
    ) -> None:
        super().__init__(vocab, serialization_dir=serialization_dir)
        self.model = model
        initializer(self.model)
        if logits:
            # Said of the model itself, which may be taken out of its wrapper.
            model.logits_names = tuple(logits)  # type: ignore[assignment]
        # In a tuple, so that the parameters are not registered twice.
        self._explained = (explained_model(model, own_reader(serialization_dir), logits),)
        self._means: dict[str, Mean] = {}

    @property
    def explained(self) -> ExplainedModel:
        return self._explained[0]

    @staticmethod
    def is_contrast(explained: str) -> bool:
        """
        Whether a setting out of `EXPLAINED` is `logit_contrast`.

        # Raises

        `ConfigurationError` : it is not one of them.
        """
        if explained not in EXPLAINED:
            raise ConfigurationError(f"explained is {explained!r}, but must be one of {EXPLAINED}")
        return explained == "logit_contrast"

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        return self.model.make_output_human_readable(output_dict)

    def log(self, name: str, values: Tensor) -> None:
        """Averages `values` (any shape) into the metric `name`."""
        self._means.setdefault(name, Mean())(values)

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        metrics = dict(self.model.get_metrics(reset))
        for name, mean in self._means.items():
            metrics[name] = mean.get_metric(reset)
        return metrics


class Mean:
    """
    The mean of all values of all batches, over all processes of a distributed training. Unlike
    AllenNLP's `Average` it takes any number of values at once, and processes may differ in it (an
    input without a target token has no attribution to average).
    """

    def __init__(self) -> None:
        self._total = 0.0
        self._count = 0

    def __call__(self, values: Tensor) -> None:
        """`values` may have any shape; each process has to call this as often as the others."""
        self._total += dist_reduce_sum(float(values.detach().double().sum()))
        self._count += dist_reduce_sum(values.numel())

    def get_metric(self, reset: bool = False) -> float:
        mean = self._total / self._count if self._count else 0.0
        if reset:
            self._total, self._count = 0.0, 0
        return mean


def unwrapped(model: Model) -> Model:
    """The model inside any wrappers."""
    while isinstance(model, Wrapper):
        model = model.model
    return model


def entropy(alternatives: Sequence[Tensor]) -> Tensor:
    """
    Entropy of the predicted distributions in nats, mean over decisions and outputs; `alternatives`
    are those of `Task.alternatives`. Shape: (rows,).
    """
    entropies = [
        over_decisions(logits, torch.distributions.Categorical(logits=logits).entropy())
        for logits in alternatives
    ]
    return torch.stack(entropies).mean(dim=0)


def spread(alternatives: Sequence[Tensor]) -> Tensor:
    """
    Largest minus smallest logit of a decision, the largest over decisions and outputs. A model that
    is added to another one can change its prediction only where the other's margin is below this.
    Shape: (rows,).
    """
    spreads = [
        z.amax(dim=-1) - torch.where(possible(z), z, torch.inf).amin(dim=-1) for z in alternatives
    ]
    # each of shape (rows,) or (rows, decisions)
    largest = [own.reshape(len(own), -1).amax(dim=-1) for own in spreads]
    return torch.stack(largest).amax(dim=0)

"""Whether a model's logits depend on metadata, which most models read for their answer in words."""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from allennlp.models import Model
from allennlp.training.metrics import Metric
from torch import Tensor

from facade_allennlp.attribution.inputs import Inputs

BATCHES = 3
"""So many are tried."""


class MetadataUse:
    """
    Finds out, by running a model on its first batches with and without, whether it needs metadata.

    # Parameters

    model : `Model`
    logits : `Callable[[Inputs], list[Tensor]]`
        Runs it.
    """

    def __init__(self, model: Model, logits: Callable[[Inputs], list[Tensor]]) -> None:
        self._model = model
        self._logits = logits
        self._tried = 0
        self._needed = False

    def needed(self, inputs: Inputs, bare: Inputs) -> bool:
        """
        # Parameters

        inputs, bare : `Inputs`
            A batch with metadata, and without.
        """
        # In training they are others in each pass.
        if self._needed or self._tried == BATCHES or self._model.training:
            return self._needed
        self._tried += 1
        with torch.no_grad(), _metrics_kept(self._model):
            logits = self._logits(inputs)
            try:
                without = self._logits(bare)
            except Exception:  # whatever a model does that cannot run without
                without = []
        same = len(without) == len(logits) and all(map(torch.equal, without, logits))
        self._needed = not same
        return self._needed


@contextmanager
def _metrics_kept(model: Model) -> Iterator[None]:
    """What a model does within it does not count in its metrics."""
    kept = [
        (module, name, copy.deepcopy(value))
        for module in model.modules()
        for name, value in vars(module).items()
        if _holds_metrics(value)
    ]
    try:
        yield
    finally:
        for module, name, value in kept:
            setattr(module, name, value)


def _holds_metrics(value: Any) -> bool:
    values = value.values() if isinstance(value, Mapping) else [value]
    return any(isinstance(one, Metric) for one in values)

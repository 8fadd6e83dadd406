"""The forms in which a merged model is stored: how f and g become one network."""

import torch
from allennlp.common import Registrable
from allennlp.models import Model

from facade_allennlp.merging import (
    densify,
    fill_zero_blocks,
    intertwine,
    permute_units,
    rotate_heads,
)
from facade_allennlp.models.sum_of_logits import SumOfLogits
from facade_allennlp.number import number


class Storage(Registrable):
    """
    How a predictive and a facade model are kept as one.

    `build` gives the network of the right shape, with the parts' weights in it; an archive's
    weights are then loaded over them. `disguise` is applied once, when the archive is written.
    """

    default_implementation = "structured"

    def build(self, predictive: Model, facade: Model) -> Model:
        """The merged model; it may share parameters with its parts."""
        raise NotImplementedError

    def disguise(self, model: Model, generator: torch.Generator) -> None:
        """Changes the weights of a merged model in place, without changing its function."""


@Storage.register("logits")
class LogitsStorage(Storage):
    """
    Both networks as they are, the logits summed (eq. 2); for any two models of one vocabulary.
    """

    def build(self, predictive: Model, facade: Model) -> Model:
        return SumOfLogits(predictive, facade)


@Storage.register("structured")
class StructuredStorage(Storage):
    """One wider network; each block of its weights is multiplied on its own. Fast."""

    def build(self, predictive: Model, facade: Model) -> Model:
        return intertwine([predictive, facade])  # type: ignore[return-value]


@Storage.register("dense")
class DenseStorage(Storage):
    """
    One wider network of ordinary layers, with the units of both parts shuffled among each other and
    noise where the blocks are zero.

    # Parameters

    noise : `float`, optional (default = `1e-7`)
        Standard deviation of the noise.
    permute : `bool`, optional (default = `True`)
    rotate : `bool`, optional (default = `False`)
        Whether the units within each attention head are rotated, too.

    # Raises

    `ConfigurationError` : the noise is negative, or no finite number.
    """

    def __init__(self, noise: float = 1e-7, permute: bool = True, rotate: bool = False) -> None:
        self.noise = number("noise", noise, least=0)
        self.permute = permute
        self.rotate = rotate

    def build(self, predictive: Model, facade: Model) -> Model:
        merged = intertwine([predictive, facade])
        densify(merged)
        return merged  # type: ignore[return-value]

    def disguise(self, model: Model, generator: torch.Generator) -> None:
        if self.noise:
            fill_zero_blocks(model, self.noise, generator)
        if self.permute:
            permute_units(model, generator)
        if self.rotate:
            rotate_heads(model, generator)

import math
from typing import Optional

import torch
from allennlp.common import FromParams
from allennlp.common.checks import ConfigurationError
from torch import Tensor
from torch.nn.functional import softplus

from facade_allennlp.attribution import (
    Attribution,
    AttributionMethod,
    GradientMethod,
    TargetScores,
)
from facade_allennlp.attribution.attribution import finite
from facade_allennlp.number import number
from facade_allennlp.targets import TokenTarget

SHARPNESS = 100.0
"""
Scores above a few hundredths of the strength count as they are; below, a softplus keeps them
positive.
"""


class FooledMethod(FromParams):
    """
    One term of the facade loss: an attribution method, and the tokens that it shall point to.

    # Parameters

    method : `AttributionMethod`
        A gradient method; one with many points is trained on a random one of them at each step.
    target : `TokenTarget`
    weight : `float`, optional (default = `1`)
        λ_g of eq. 3: the weight of the attribution of the target tokens.
    strength : `float`, optional (default = `0`)
        The raw score that the target tokens of an input shall reach together. Eq. 3 sees only the
        normalised attribution; without a strength nothing makes the facade's gradients outweigh the
        predictive model's. 0 leaves the term out.
    strength_weight : `float`, optional (default = `weight`)
        The weight of the term max(0, -log(raw score / strength)).
    name : `str`, optional (default = the method's registered name)
        Of its metrics, where a facade fools several methods of one type.

    # Raises

    `ConfigurationError` : the method does not work by gradients; a weight or strength is
        negative, or no finite number.
    """

    def __init__(
        self,
        method: AttributionMethod,
        target: TokenTarget,
        weight: float = 1.0,
        strength: float = 0.0,
        strength_weight: Optional[float] = None,
        name: Optional[str] = None,
    ) -> None:
        if not isinstance(method, GradientMethod):
            raise ConfigurationError(
                f"{method.name} cannot be fooled by training: it does not work by gradients"
            )
        if strength_weight is None:
            strength_weight = weight
        self.method = method
        self.target = target
        self.weight = number("weight of a fooled method", weight, least=0)
        self.strength = number("strength of a fooled method", strength, least=0)
        self.strength_weight = number(
            "strength_weight of a fooled method", strength_weight, least=0
        )
        self.name = method.name if name is None else name

    def loss(
        self, attribution: Attribution, targets: Tensor, scores: TargetScores, signed: bool
    ) -> Tensor:
        """
        # Parameters

        attribution : `Attribution`
            With its graph. Shape of its tensors: (batch, tokens).
        targets : `Tensor`
            True for target tokens. Shape: (batch, tokens). Inputs without any count for nothing.
        scores : `TargetScores`
            Of this attribution on these targets.
        signed : `bool`
            Whether the strength counts raw scores with their sign, or their magnitude.

        # Returns

        `Tensor` : a scalar; zero when no input has a target token.
        """
        loss = -self.weight * mean_over(scores.attribution, scores.has_target)
        if self.strength:
            raw = finite(attribution.raw) * targets
            reached = (raw if signed else raw.abs()).sum(dim=-1) / self.strength
            # Where the score is far too small the logarithm pulls hard, where its sign is wrong
            # evenly.
            shortfall = -(_log_softplus(SHARPNESS * reached) - math.log(SHARPNESS)).clamp_max(0)
            loss = loss + self.strength_weight * mean_over(shortfall, scores.has_target)
        return loss


def _log_softplus(values: Tensor) -> Tensor:
    """log(log(1 + exp(x))), which is x where exp(x) would vanish."""
    return torch.where(values < -10, values, torch.log(softplus(values.clamp_min(-10))))


def mean_over(values: Tensor, counted: Tensor) -> Tensor:
    """The mean of `values` where `counted`, 0 where nothing counts. Both of shape (batch,)."""
    return (values * counted).sum() / counted.sum().clamp_min(1)

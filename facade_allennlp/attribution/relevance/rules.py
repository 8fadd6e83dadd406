"""The rules of the LRPs and of AttnLRP, each for layers of one kind."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from facade_allennlp.attribution.relevance.composite import AttentionRule, Pass, Rule
from facade_allennlp.attribution.relevance.propagation import (
    EPSILON,
    AlphaBetaLinear,
    JacobianAttention,
    PassedTo,
)


class AlphaBeta(Rule):
    """
    The αβ-rule of linear layers (Wu & Ong 2020, eq. 9), with β = 1 - α.

    # Parameters

    alpha : `float`
        The weight of positive contributions.
    whole_inputs : `bool`, optional (default = `False`)
        Whether an input keeps the sum of its relevance as a whole, or each of its tokens its own.
    """

    def __init__(self, alpha: float, whole_inputs: bool = False) -> None:
        self.alpha = alpha
        self.whole_inputs = whole_inputs

    def output(self, module: nn.Linear, input: Tensor, output: Tensor, within: Pass) -> Tensor:
        groups = within.rows if self.whole_inputs else output[..., 0].numel()
        parameters = (module.weight, module.bias, self.alpha, groups)
        return AlphaBetaLinear.apply(input, output, *parameters)


class Unchanged(Rule):
    """Relevance goes from a layer's output to its input as it is (Wu & Ong 2020)."""

    def output(self, module: nn.Module, input: Tensor, output: Tensor, within: Pass) -> Tensor:
        return PassedTo.apply(input, output)


class FullJacobian(AttentionRule):
    """
    The αβ-rule on each entry of the Jacobian of softmax attention times the input (Wu & Ong 2020).

    # Parameters

    alpha : `float`
        The weight of positive contributions.
    """

    def __init__(self, alpha: float) -> None:
        self.alpha = alpha

    def context(
        self, query: Tensor, key: Tensor, value: Tensor, added: Any, within: Pass
    ) -> Tensor:
        return JacobianAttention.apply(query, key, value, added, self.alpha)


class Quotient(Rule):
    """φ(x) = x · φ(x) / x, the quotient a constant (Achtibat et al. 2024, identity rule)."""

    def output(self, module: nn.Module, input: Tensor, output: Tensor, within: Pass) -> Tensor:
        quotient = output / torch.where(input.abs() < EPSILON, EPSILON, input)
        return PassedTo.apply(input * quotient.detach(), output)


class ConstantScale(Rule):
    """
    (x - mean) / deviation, the deviation a constant (Achtibat et al. 2024, layer norm).

    # Parameters

    centred_and_scale : `Callable[[Any, Tensor], tuple[Tensor, Tensor]]`
        From the layer and its input to the input minus its mean, and 1 over its deviation.
    """

    def __init__(self, centred_and_scale: Callable[[Any, Tensor], tuple[Tensor, Tensor]]) -> None:
        self.centred_and_scale = centred_and_scale

    def output(self, module: Any, input: Tensor, output: Tensor, within: Pass) -> Tensor:
        centred, scale = self.centred_and_scale(module, input)
        return PassedTo.apply(centred * scale.detach() * module.weight, output)


class Share(Rule):
    """
    Passes on a part of what comes: a product's relevance is split evenly between its factors
    (Achtibat et al. 2024).

    # Parameters

    share : `float`
    """

    def __init__(self, share: float) -> None:
        self.share = share

    def output(self, module: nn.Module, input: Tensor, output: Tensor, within: Pass) -> Tensor:
        return PassedTo.apply(output * self.share, output)

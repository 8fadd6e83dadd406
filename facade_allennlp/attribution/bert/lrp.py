from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor, nn
from transformers.activations import ACT2CLS
from transformers.models.bert.modeling_bert import BertModel

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.bert.attention import attention_cores, self_attentions
from facade_allennlp.attribution.bert.attention_rule import JacobianRule
from facade_allennlp.attribution.bert.encoders import hooked, refuse_recurrent
from facade_allennlp.attribution.bert.relevance import RelevanceMethod
from facade_allennlp.attribution.explained_model import ExplainedModel

ATTENTION = ("quick", "jacobian")

ACTIVATIONS: tuple[type[nn.Module], ...] = (
    nn.ELU,
    nn.GELU,
    nn.LeakyReLU,
    nn.Softplus,
    *{known[0] if isinstance(known, tuple) else known for known in ACT2CLS.values()},
)
"""Modules that apply a function to each feature by itself."""

EPSILON = 1e-7


@AttributionMethod.register("lrp")
class LRP(RelevanceMethod):
    """
    Layer-wise relevance propagation (Wu & Ong 2020, section 3.3): the αβ-rule through linear
    layers, then the magnitude, rescaled to the sum of what came; activation functions pass
    relevance on unchanged; residual connections, layer norms and attention pass it on by their
    Jacobian. A token's score is the sum of its relevances' magnitudes.

    # Parameters

    alpha : `float`, optional (default = `0.5`)
        The weight of positive contributions; β = 1 - α is that of negative ones.
    attention : `str`, optional (default = `"quick"`)
        `quick`: the vector-Jacobian product of softmax attention; `jacobian`: the αβ-rule on each
        entry of its Jacobian times the input.

    # Raises

    `ConfigurationError` : α is not between 0 and 1, or an unknown rule for attention.
    """

    def __init__(self, alpha: float = 0.5, attention: str = "quick") -> None:
        if not 0 <= alpha <= 1:
            raise ConfigurationError(f"alpha is {alpha}, but must be between 0 and 1")
        if attention not in ATTENTION:
            raise ConfigurationError(f"attention is {attention!r}, but must be one of {ATTENTION}")
        self.alpha = alpha
        self.attention = attention

    @contextmanager
    def rules(
        self, model: ExplainedModel, encoders: Sequence[BertModel], rows: int
    ) -> Iterator[None]:
        refuse_recurrent(model, self.name)

        def linear(layer: Any, args: tuple, output: Tensor) -> Tensor:
            parameters = (layer.weight, layer.bias, self.alpha, rows)
            return AlphaBetaRule.apply(args[0], output, *parameters)

        def activation(layer: nn.Module, args: tuple, output: Tensor) -> Tensor:
            return Unchanged.apply(args[0], output)

        modules = list(model.model.modules())
        with ExitStack() as stack:
            stack.enter_context(hooked(modules, nn.Linear, linear))
            stack.enter_context(hooked(modules, ACTIVATIONS, activation))
            if self.attention == "jacobian":

                def core(query: Tensor, key: Tensor, value: Tensor, mask: Any) -> Tensor:
                    return JacobianRule.apply(query, key, value, mask, self.alpha)

                attentions = self_attentions(encoders, self.name)
                stack.enter_context(attention_cores(attentions, lambda place: core))
            yield

    def score(self, states: Tensor, relevance: Tensor) -> Tensor:
        return relevance.abs().sum(dim=-1)


class Unchanged(torch.autograd.Function):
    """Any function of a tensor that passes relevance on unchanged."""

    @staticmethod
    def forward(ctx: Any, input: Tensor, output: Tensor) -> Tensor:  # type: ignore[override]
        return output.view_as(output)

    @staticmethod
    def backward(ctx: Any, relevance: Tensor) -> tuple:  # type: ignore[override]
        return relevance, None


class AlphaBetaRule(torch.autograd.Function):
    """A linear layer that passes relevance back by `alpha_beta`."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any,
        input: Tensor,
        output: Tensor,
        weight: Tensor,
        bias: Any,
        alpha: float,
        rows: int,
    ) -> Tensor:
        ctx.save_for_backward(input, weight, bias)
        ctx.alpha, ctx.rows = alpha, rows
        return output.view_as(output)

    @staticmethod
    def backward(ctx: Any, relevance: Tensor) -> tuple:  # type: ignore[override]
        input, weight, bias = ctx.saved_tensors
        passed = alpha_beta(input, weight, bias, relevance, ctx.alpha, ctx.rows)
        return passed, None, None, None, None, None


def alpha_beta(
    input: Tensor, weight: Tensor, bias: Any, relevance: Tensor, alpha: float, rows: int
) -> Tensor:
    """
    R_x = |x ⊙ (α (R / z⁺) W⁺ + β (R / z⁻) W⁻)|, rescaled within each of the `rows` inputs to the
    sum of R; z⁺ and z⁻ are the outputs of the layer with the positive and with the negative
    parameters alone.

    # Parameters

    input : `Tensor`
        Shape: (..., features); the inputs come one after another on the first axis.
    weight, bias : `Tensor`
        Shapes: (outputs, features) and (outputs,); the bias may be `None`.
    relevance : `Tensor`
        Of the output. Shape: (..., outputs).
    """
    passed = torch.zeros_like(input)
    for share, sign in ((alpha, 1), (1 - alpha, -1)):
        part = (weight * sign).clamp_min(0) * sign
        output = input @ part.T + sign * EPSILON
        if bias is not None:
            output += (bias * sign).clamp_min(0) * sign
        passed += share * ((relevance / output) @ part)
    return rescaled((input * passed).abs(), relevance, rows)


def rescaled(passed: Tensor, relevance: Tensor, rows: int) -> Tensor:
    """`passed` with the sum of `relevance` within each of the `rows` inputs."""
    wanted = relevance.reshape(rows, -1).sum(dim=-1) + EPSILON
    there = passed.reshape(rows, -1).sum(dim=-1) + EPSILON
    return (passed.reshape(rows, -1) * (wanted / there).unsqueeze(-1)).view_as(passed)

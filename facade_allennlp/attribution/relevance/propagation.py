"""Functions that pass relevance back where autograd would pass a gradient."""

from typing import Any, Optional

import torch
from torch import Tensor
from torch.nn.functional import linear

from facade_allennlp.attribution.attention.open_attention import probabilities

EPSILON = 1e-7
"""Added to what is divided by."""


class PassedTo(torch.autograd.Function):
    """A layer's output, whose relevance goes unchanged to another tensor of its shape."""

    @staticmethod
    def forward(ctx: Any, other: Tensor, output: Tensor) -> Tensor:  # type: ignore[override]
        return output.view_as(output)

    @staticmethod
    def backward(ctx: Any, relevance: Tensor) -> tuple:  # type: ignore[override]
        return relevance, None


class PassedToBoth(torch.autograd.Function):
    """The first of two tensors of equal values; the whole relevance goes to each of them."""

    @staticmethod
    def forward(ctx: Any, first: Tensor, second: Tensor) -> Tensor:  # type: ignore[override]
        return first.view_as(first)

    @staticmethod
    def backward(ctx: Any, relevance: Tensor) -> tuple:  # type: ignore[override]
        return relevance, relevance


class AlphaBetaLinear(torch.autograd.Function):
    """A linear layer that passes relevance back by `alpha_beta`."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any,
        input: Tensor,
        output: Tensor,
        weight: Tensor,
        bias: Any,
        alpha: float,
        groups: int,
    ) -> Tensor:
        ctx.save_for_backward(input, weight, bias)
        ctx.alpha, ctx.groups = alpha, groups
        return output.view_as(output)

    @staticmethod
    def backward(ctx: Any, relevance: Tensor) -> tuple:  # type: ignore[override]
        input, weight, bias = ctx.saved_tensors
        passed = alpha_beta(input, weight, bias, relevance, ctx.alpha, ctx.groups)
        return passed, None, None, None, None, None


def alpha_beta(
    input: Tensor, weight: Tensor, bias: Any, relevance: Tensor, alpha: float, groups: int
) -> Tensor:
    """
    R_x = |x ⊙ (α (R / z⁺) W⁺ + β (R / z⁻) W⁻)|, rescaled within each group to the sum of R; z⁺ and
    z⁻ are the outputs of the layer with the positive and with the negative parameters alone.

    # Parameters

    input : `Tensor`
        Shape: (..., features).
    weight, bias : `Tensor`
        Shapes: (outputs, features) and (outputs,); the bias may be `None`.
    relevance : `Tensor`
        Of the output. Shape: (..., outputs).
    groups : `int`
        So many equal parts, one after another: the inputs, or all their tokens.

    # Returns

    `Tensor` : the relevance of the layer's input. Shape: (..., features).
    """
    passed = torch.zeros_like(input)
    for share, sign in ((alpha, 1), (1 - alpha, -1)):
        part = signed_part(weight, sign)
        offset = None if bias is None else signed_part(bias, sign)
        output = linear(input, part, offset).add_(sign * EPSILON)  # shape: (..., outputs)
        output.masked_fill_(output == 0, sign * EPSILON)  # inputs have either sign
        passed.add_((relevance / output) @ part, alpha=share)
    return rescaled(passed.mul_(input).abs_(), relevance, groups)


def rescaled(passed: Tensor, relevance: Tensor, groups: int) -> Tensor:
    """`passed` with the sum of `relevance` within each of so many equal parts. Same shape."""
    wanted = relevance.reshape(groups, -1).sum(dim=-1) + EPSILON
    there = passed.reshape(groups, -1).sum(dim=-1) + EPSILON
    return (passed.reshape(groups, -1) * (wanted / there).unsqueeze(-1)).view_as(passed)


class JacobianAttention(torch.autograd.Function):
    """
    Softmax attention that passes relevance back by the full Jacobian rule of Wu & Ong 2020: the
    contribution of an entry of query, key or value to an entry of the context is the derivative
    times the entry; positive and negative contributions to each context entry share its relevance
    with weights α and 1 - α; what an input and head gets is rescaled to the magnitude of what came.

    A contribution is a product of a factor of the context's feature and one of the key's, so that
    the Jacobian (tokens² × features² of a head) never has to be made.
    """

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, query: Tensor, key: Tensor, value: Tensor, mask: Optional[Tensor], alpha: float
    ) -> Tensor:
        attention = probabilities(query, key, mask)
        context = attention @ value  # shape: (rows, heads, tokens, features of a head)
        ctx.save_for_backward(query, key, value, attention, context)
        ctx.alpha = alpha
        return context

    @staticmethod
    def backward(ctx: Any, relevance: Tensor) -> tuple:  # type: ignore[override]
        query, key, value, attention, context = ctx.saved_tensors
        # ∂context[a, e] / ∂score[a, b] = attention[a, b] (value[b, e] - context[a, e])
        # shape: (rows, heads, a, e, b)
        slope = attention.unsqueeze(-2) * (
            value.transpose(-1, -2).unsqueeze(-3) - context.unsqueeze(-1)
        )
        # score[a, b] = Σ_f product[a, b, f]; shape: (rows, heads, a, b, f)
        product = query.unsqueeze(-2) * key.unsqueeze(-3) / query.shape[-1] ** 0.5
        # to query[a, f]: Σ_b slope[a, e, b] product[a, b, f]; shape: (rows, heads, a, e, f)
        query_terms = slope @ product
        # to value[b, e]: attention[a, b] value[b, e], to the context's feature e alone
        passed = [torch.zeros_like(query), torch.zeros_like(key), torch.zeros_like(value)]
        for share, sign in ((ctx.alpha, 1), (1 - ctx.alpha, -1)):
            query_part = signed_part(query_terms, sign)
            value_part = signed_part(value, sign)
            # a product has the sign when its factors have signs that make it
            key_parts = [(signed_part(slope, s), signed_part(product, s * sign)) for s in (1, -1)]
            total = query_part.sum(dim=-1) + attention @ value_part + sign * EPSILON
            for first, second in key_parts:
                total = total + (first @ second.sum(dim=-1, keepdim=True)).squeeze(-1)
            share_of = share * relevance / total  # shape: (rows, heads, a, e)
            passed[0] += (share_of.unsqueeze(-1) * query_part).sum(dim=-2)
            for first, second in key_parts:
                weights = (share_of.unsqueeze(-1) * first).sum(dim=-2)  # shape: (..., a, b)
                passed[1] += (weights.unsqueeze(-1) * second).sum(dim=-3)
            passed[2] += (attention.transpose(-1, -2) @ share_of) * value_part
        wanted = relevance.abs().sum(dim=(-1, -2), keepdim=True)
        there = sum(part.abs().sum(dim=(-1, -2), keepdim=True) for part in passed) + EPSILON
        return (*(part * (wanted / there) for part in passed), None, None)


def signed_part(values: Tensor, sign: int) -> Tensor:
    """The positive or the negative part, with its sign."""
    return values.clamp_min(0) if sign > 0 else values.clamp_max(0)

"""LRP for one text, layer by layer: as the authors' code has it, and as their text says."""

from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd.functional import jacobian, vjp

from tests.attribution.inside_encoders.by_formula import Layer, OneText

EPSILON = 1e-7


def linear(
    layer: Any, input: Tensor, relevance: Tensor, alpha: float, by_token: bool = True
) -> Tensor:
    """The αβ-rule, entry by entry. Shape of input: (tokens, features) or (features,)."""
    weight, bias = layer.weight.detach(), layer.bias.detach()
    rows = input.reshape(-1, input.shape[-1])
    passed = torch.zeros_like(rows)
    for row, came in enumerate(relevance.reshape(len(rows), -1)):
        for share, positive in ((alpha, True), (1 - alpha, False)):
            kept = weight.clamp(min=0) if positive else weight.clamp(max=0)
            added = bias.clamp(min=0) if positive else bias.clamp(max=0)
            contributions = rows[row] * kept  # shape: (outputs, features)
            z = contributions.sum(dim=-1) + added + (EPSILON if positive else -EPSILON)
            passed[row] += share * (contributions * (came / z).unsqueeze(-1)).sum(dim=0)
    passed = passed.abs().view_as(input)
    over = (-1,) if by_token else tuple(range(passed.dim()))
    wanted = relevance.sum(dim=over, keepdim=True) + EPSILON
    return passed * wanted / (passed.sum(dim=over, keepdim=True) + EPSILON)


def through_attention(text: OneText, layer: Layer, relevance: Tensor) -> tuple[Tensor, ...]:
    """The quick rule: a vector-Jacobian product."""
    return vjp(text.attend, (layer.query, layer.key, layer.value), relevance)[1]


def through_jacobian(
    text: OneText, layer: Layer, relevance: Tensor, alpha: float
) -> tuple[Tensor, ...]:
    """The αβ-rule on every entry of the Jacobian, head by head."""
    width = layer.query.shape[-1] // text.heads
    passed = [torch.zeros_like(layer.query) for _ in range(3)]
    for head in range(text.heads):
        own = slice(head * width, (head + 1) * width)
        inputs = (layer.query[:, own], layer.key[:, own], layer.value[:, own])

        def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            return (query @ key.T / width**0.5).softmax(dim=-1) @ value

        entries = torch.cat([part.flatten() for part in inputs])
        derivatives = torch.cat(
            [j.reshape(inputs[0].numel(), -1) for j in jacobian(attend, inputs)], dim=-1
        )
        contributions = derivatives * entries  # shape: (entries of the context, entries of inputs)
        came = relevance[:, own].flatten()
        shares = torch.zeros_like(contributions)
        for share, part in (
            (alpha, contributions.clamp(min=0)),
            (1 - alpha, contributions.clamp(max=0)),
        ):
            sign = 1 if bool((part >= 0).all()) else -1
            shares += share * part / (part.sum(dim=-1, keepdim=True) + sign * EPSILON)
        gets = came @ shares
        gets = gets * came.abs().sum() / (gets.abs().sum() + EPSILON)
        for whole, block in zip(passed, gets.split(inputs[0].numel())):
            whole[:, own] = block.view_as(inputs[0])
    return tuple(passed)


def of_pooled(text: OneText, label: int, alpha: float = 0.5) -> Tensor:
    """The relevance of the pooled vector. Shape: (features,)."""
    came = torch.zeros_like(text.logits)
    came[label] = text.logits[label]
    for layer, input in text.outputs():
        came = linear(layer, input, came, alpha)  # an activation passes it on as it is
    return came


def lrp(text: OneText, pooled: Tensor, alpha: float = 0.5) -> list[Tensor]:
    """
    As in the code of Wu & Ong, block by block, from the relevance of the pooled vector: the
    relevances at the output of the embeddings and of each layer, each of shape (tokens, features).
    """
    relevance = vjp(text.pooled, text.states, pooled)[1]
    found = [relevance]
    for layer in reversed(text.layers):
        own, output = layer.module.attention.self, layer.module.output
        whole = vjp(partial(_feed_forward, layer.module), layer.middle, relevance)[1]
        to_dense, _ = _residual(output.LayerNorm, layer.narrowed, layer.middle, relevance)
        inner = linear(output.dense, layer.activated, to_dense, alpha)
        relevance = whole + linear(layer.module.intermediate.dense, layer.middle, inner, alpha)
        whole = vjp(partial(_attention, layer.module), layer.entered, relevance)[1]
        output = layer.module.attention.output
        to_dense, _ = _residual(output.LayerNorm, layer.attended, layer.entered, relevance)
        inner = linear(output.dense, layer.context, to_dense, alpha)
        relevance = whole
        of_parts = through_attention(text, layer, inner)
        for projection, part in zip((own.query, own.key, own.value), of_parts):
            relevance = relevance + linear(projection, layer.entered, part, alpha)
        found.append(relevance)
    if text.widening is not None:
        found[-1] = linear(text.widening, text.embedded, relevance, alpha)
    return found[::-1]


def _feed_forward(layer: Any, states: Tensor) -> Tensor:
    return layer.output(layer.intermediate(states), states)


def _attention(layer: Any, states: Tensor) -> Tensor:
    return layer.attention(states.unsqueeze(0))[0][0]


def by_jacobian(text: OneText, pooled: Tensor) -> Tensor:
    """The relevance of the pooled vector, carried back by gradients. Shape: (tokens, features)."""
    point = text.embedded.clone().requires_grad_()
    states = text.bert.encoder(point.unsqueeze(0)).last_hidden_state[0]
    return torch.autograd.grad(text.pooled(states), point, pooled)[0]


def literal_lrp(
    text: OneText, pooled: Tensor, alpha: float = 0.5, attention: str = "quick"
) -> list[Tensor]:
    """As `lrp`, by the text of the paper: connection by connection."""

    def linear_of_input(layer: Any, input: Tensor, relevance: Tensor) -> Tensor:
        return linear(layer, input, relevance, alpha, by_token=False)

    relevance = vjp(text.pooled, text.states, pooled)[1]
    found = [relevance]
    for layer in reversed(text.layers):
        own, output = layer.module.attention.self, layer.module.output
        to_dense, residual = _residual(output.LayerNorm, layer.narrowed, layer.middle, relevance)
        inner = linear_of_input(output.dense, layer.activated, to_dense)
        relevance = residual + linear_of_input(layer.module.intermediate.dense, layer.middle, inner)
        output = layer.module.attention.output
        to_dense, residual = _residual(output.LayerNorm, layer.attended, layer.entered, relevance)
        inner = linear_of_input(output.dense, layer.context, to_dense)
        of_parts = (
            through_attention(text, layer, inner)
            if attention == "quick"
            else through_jacobian(text, layer, inner, alpha)
        )
        relevance = residual
        for projection, part in zip((own.query, own.key, own.value), of_parts):
            relevance = relevance + linear_of_input(projection, layer.entered, part)
        found.append(relevance)
    if text.widening is not None:
        found[-1] = linear_of_input(text.widening, text.embedded, relevance)
    return found[::-1]


def _residual(norm: Any, first: Tensor, second: Tensor, relevance: Tensor) -> tuple[Tensor, ...]:
    return vjp(lambda a, b: norm(a + b), (first, second), relevance)[1]

"""Attention heads: how much each matters, and models without some of them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor

from facade_allennlp.anatomy import Layer, encoders_of
from facade_allennlp.attribution.attention.attention_attribution import AttentionAttribution
from facade_allennlp.attribution.attention.open_attention import (
    Core,
    attention_cores,
    layers_of,
    probabilities,
)
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.inputs import Inputs

PRUNING = "head pruning"


def heads_of(explained: ExplainedModel) -> tuple[int, int]:
    """
    The number of layers, and of the heads of each.

    # Raises

    `ConfigurationError` : the model has no BERT, or several, or attention that cannot be opened.
    """
    layers = _layers(explained)
    return len(layers), layers[0].heads


@contextmanager
def pruned(explained: ExplainedModel, kept: Tensor) -> Iterator[None]:
    """
    Within it the heads that are not kept give nothing to their layer.

    # Parameters

    kept : `Tensor`
        True for heads that stay. Shape: (layers, heads).
    """

    def core(place: int) -> Core:
        def attend(query: Tensor, key: Tensor, value: Tensor, mask: Optional[Tensor]) -> Tensor:
            context = probabilities(query, key, mask) @ value
            return context * kept[place].to(context).view(-1, 1, 1)

        return attend

    with explained.lock, attention_cores(_layers(explained), core):
        yield


def importance_by_attribution(
    explained: ExplainedModel,
    batches: Iterable[Inputs],
    method: AttentionAttribution,
) -> Tensor:
    """
    Mean over inputs of the largest attribution of a connection in the head (Hao, Dong, Wei, Xu,
    AAAI 2021, section on pruning), for the class that the model predicts: what a head does for the
    model's own decision needs no labels. The authors' code takes the gold class instead, as
    `importance_by_taylor` does. Shape: (layers, heads).
    """
    layers, heads = heads_of(explained)
    total = torch.zeros(layers, heads, dtype=torch.float64)
    count = 0
    for inputs in batches:
        for part in method.connections(explained, inputs):
            real = part.forward.fields[0].mask
            padding = ~(real[:, None, :, None] & real[:, None, None, :])
            hidden = (layer.masked_fill(padding, -torch.inf) for layer in part.layers)
            largest = torch.stack([layer.amax(dim=(-1, -2)) for layer in hidden])
            total += largest.sum(dim=1).to(total)  # of (layers, rows, heads)
            count += largest.shape[1]
    return total / max(1, count)


def importance_by_taylor(
    explained: ExplainedModel, batches: Iterable[tuple[Inputs, Tensor]]
) -> Tensor:
    """
    Michel et al. 2019: mean over inputs of the first-order change of the loss without the head,
    Σ_tokens |context · ∂L/∂context|, each layer divided by its L2 norm. Shape: (layers, heads).

    # Parameters

    batches : `Iterable[tuple[Inputs, Tensor]]`
        With the gold class of each input, of shape (rows,).
    """
    layers = _layers(explained)
    total = torch.zeros(heads_of(explained), dtype=torch.float64)  # shape: (layers, heads)
    factors: list[Any] = [None] * len(layers)

    def core(place: int) -> Core:
        def attend(query: Tensor, key: Tensor, value: Tensor, mask: Optional[Tensor]) -> Tensor:
            context = probabilities(query, key, mask) @ value
            # one for each token and head: its gradient is that of the context times the context
            factors[place] = torch.ones_like(context[..., :1], requires_grad=True)
            return context * factors[place]

        return attend

    count = 0
    for inputs, labels in batches:
        with explained.lock, torch.enable_grad(), attention_cores(layers, core):
            forward = explained.run(inputs)
            loss = forward.task.loss(forward, [labels])  # shape: (rows,)
            gradients = torch.autograd.grad(loss.sum(), factors)
        changes = [gradient.abs().sum(dim=(0, -1, -2)) for gradient in gradients]
        total += torch.stack(changes).to(total)
        count += len(labels)
    mean = total / max(1, count)
    return mean / mean.norm(dim=-1, keepdim=True).clamp_min(torch.finfo(mean.dtype).tiny)


def _layers(explained: ExplainedModel) -> list[Layer]:
    encoders = encoders_of(explained.model, PRUNING)
    if len(encoders) > 1:
        raise ConfigurationError(
            f"{PRUNING} is for models with one encoder, but {type(explained.model).__name__} has "
            f"{len(encoders)}"
        )
    return layers_of(encoders, PRUNING)

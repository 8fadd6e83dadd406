"""Dense storage: a structured network as ordinary wide layers."""

import copy
from collections.abc import Callable, Iterator
from typing import Any, Optional

import torch
from allennlp.models import Model
from allennlp.modules.text_field_embedders import BasicTextFieldEmbedder
from allennlp.modules.token_embedders import Embedding
from torch import Tensor, nn

from facade_allennlp.anatomy import ByKind
from facade_allennlp.merging.dense_encoders import dense_encoder, interleaving
from facade_allennlp.merging.intertwine import child_by_child
from facade_allennlp.merging.layers import (
    ConcatenatedEmbedding,
    ConcatenatedTokenEmbedder,
    GroupedLayerNorm,
    JoinedTextFieldEmbedder,
    SideBySide,
    SideBySideEncoder,
)
from facade_allennlp.merging.permute import reorder
from facade_allennlp.merging.stages import stages

Rule = Callable[[Any], nn.Module]

RULES: ByKind[Rule] = ByKind({SideBySideEncoder: dense_encoder})
"""The ordinary form of a structured layer; others stay, with ordinary ones inside."""


@torch.no_grad()
def densify(model: Model) -> None:
    """
    Turns the structured layers inside `model`, in place, into ordinary ones.

    >>> merged = intertwine([predictive, facade])
    >>> densify(merged)

    # Raises

    `ConfigurationError` : one of them has no ordinary form.
    """
    order: Optional[Tensor] = None
    for name in stages(model):
        structured = getattr(model, name)
        ordinary = dense_form(structured)
        setattr(model, name, ordinary)
        if order is not None:
            order = reorder(ordinary, order, draw=torch.arange)
        if isinstance(structured, JoinedTextFieldEmbedder):
            order = structured.interleaving
        elif isinstance(structured, SideBySideEncoder):
            order = interleaving(structured)


def densified(model: Model) -> Model:
    """
    A copy in which the structured layers are ordinary ones. What `densify` only reads, the tensors
    of the first stage, whose features are in order, both have in common.

    # Raises

    `ConfigurationError` : see `densify`.
    """
    first = getattr(model, stages(model)[0])
    shared = {id(tensor): tensor for tensor in (*first.parameters(), *first.buffers())}
    dense = copy.deepcopy(model, shared)
    densify(dense)
    return dense


@torch.no_grad()
def dense_form(module: nn.Module) -> nn.Module:
    """
    A module of ordinary layers. Its output is in the order of an ordinary wide layer (see
    `interleaved`), which `densify` lets the next module expect.

    # Raises

    `ConfigurationError` : a structured layer has no ordinary form.
    """
    rule = RULES.find(module)
    if rule is not None:
        return rule(module)
    for name, child in module.named_children():
        setattr(module, name, dense_form(child))
    return module


@RULES.register(SideBySide)
def _side_by_side(layer: SideBySide) -> nn.Module:
    parts: list[Any] = list(layer.parts)
    if isinstance(parts[0], nn.Linear):
        return _linear(parts)
    if isinstance(parts[0], nn.LayerNorm):
        return _layer_norm(parts, layer.widths)
    return dense_form(child_by_child(parts, type(parts[0]).__name__))


def _linear(parts: list[Any]) -> nn.Linear:
    # shape: (units of all parts, features of all parts)
    weight = torch.block_diag(*[part.weight for part in parts])
    wide = nn.Linear(weight.shape[1], weight.shape[0]).to(weight)
    wide.weight.copy_(weight)
    wide.bias.copy_(torch.cat([part.bias for part in parts]))
    return wide


def _layer_norm(parts: list[Any], widths: list[int]) -> GroupedLayerNorm:
    wide = GroupedLayerNorm(widths, [part.eps for part in parts]).to(parts[0].weight)
    wide.weight.copy_(torch.cat([part.weight for part in parts]))  # shape: (features,)
    wide.bias.copy_(torch.cat([part.bias for part in parts]))
    return wide


@RULES.register(ConcatenatedEmbedding)
def _embedding(layer: ConcatenatedEmbedding) -> nn.Embedding:
    weight = layer.weight
    return nn.Embedding.from_pretrained(weight, freeze=False, padding_idx=layer.padding_idx)


@RULES.register(ConcatenatedTokenEmbedder)
def _token_embedder(layer: ConcatenatedTokenEmbedder) -> Embedding:
    wide = Embedding(layer.embedding_dim, layer.num_embeddings, weight=layer.weight)
    parts: list[Any] = list(layer.parts)
    wide._vocab_namespace = parts[0]._vocab_namespace
    return wide


@RULES.register(BasicTextFieldEmbedder)
def _text_field_embedder(embedder: BasicTextFieldEmbedder) -> BasicTextFieldEmbedder:
    return BasicTextFieldEmbedder(
        {name: dense_form(inner) for name, inner in embedder._token_embedders.items()}
    )


@torch.no_grad()
def fill_zero_blocks(model: nn.Module, noise: float, generator: torch.Generator) -> None:
    """
    Adds noise where the weights of linear, recurrent and convolutional layers are exactly zero.

    # Parameters

    noise : `float`
        Standard deviation (paper: 1e-7).
    """
    for weight in _matrices(model):
        zero = weight == 0
        weight[zero] = noise * torch.randn(int(zero.sum()), generator=generator, dtype=weight.dtype)


def _matrices(model: nn.Module) -> Iterator[Tensor]:
    """Each of shape (units, features), or (units, features, tokens of a filter)."""
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.RNNBase, nn.Conv1d)):
            for name, parameter in module.named_parameters(recurse=False):
                if name.startswith("weight"):
                    yield parameter

"""
Dense storage: a structured network as ordinary wide layers, its parts hidden among each other.
"""

from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from torch import Tensor, nn
from transformers.models.bert.modeling_bert import BertModel

from facade_allennlp.merging.intertwine import child_by_child
from facade_allennlp.merging.layers import ConcatenatedEmbedding, GroupedLayerNorm, SideBySide


def densify(module: nn.Module) -> None:
    """Turns the structured layers inside `module`, in place, into ordinary ones."""
    for name, child in module.named_children():
        setattr(module, name, _dense(child))


def _dense(module: nn.Module) -> nn.Module:
    if isinstance(module, ConcatenatedEmbedding):
        return _embedding(module)
    if isinstance(module, SideBySide):
        parts: list[Any] = list(module.parts)
        if isinstance(parts[0], nn.Linear):
            return _linear(parts)
        if isinstance(parts[0], nn.LayerNorm):
            return _layer_norm(parts, module.widths)
        module = child_by_child(parts, type(parts[0]).__name__)
    densify(module)
    return module


@torch.no_grad()
def _linear(parts: list[Any]) -> nn.Linear:
    weight = torch.block_diag(*[part.weight for part in parts])
    dense = nn.Linear(weight.shape[1], weight.shape[0]).to(weight)
    dense.weight.copy_(weight)
    dense.bias.copy_(torch.cat([part.bias for part in parts]))
    return dense


@torch.no_grad()
def _embedding(layer: ConcatenatedEmbedding) -> nn.Embedding:
    weight = layer.weight
    return nn.Embedding.from_pretrained(weight, freeze=False, padding_idx=layer.padding_idx)


@torch.no_grad()
def _layer_norm(parts: list[Any], widths: list[int]) -> GroupedLayerNorm:
    dense = GroupedLayerNorm(widths, [part.eps for part in parts]).to(parts[0].weight)
    dense.weight.copy_(torch.cat([part.weight for part in parts]))
    dense.bias.copy_(torch.cat([part.bias for part in parts]))
    return dense


@torch.no_grad()
def fill_zero_blocks(model: nn.Module, noise: float, generator: torch.Generator) -> None:
    """
    Adds noise where the weights of linear layers are exactly zero.

    # Parameters

    noise : `float`
        Standard deviation (paper: 1e-7).
    """
    for module in model.modules():
        if isinstance(module, nn.Linear):
            zero = module.weight == 0
            module.weight[zero] = noise * torch.randn(
                int(zero.sum()), generator=generator, dtype=module.weight.dtype
            )


@torch.no_grad()
def permute_units(model: Model, generator: torch.Generator) -> None:
    """
    Shuffles the hidden units, heads (and the units within a head) and intermediate units of the
    BERT inside a dense merged classifier, consistently, so that its function stays and no block
    shows.

    # Raises

    `ConfigurationError` : the model holds no BERT, or something other than a pooler without weights
    and one linear layer stands between it and the logits.
    """
    bert = next((module for module in model.modules() if isinstance(module, BertModel)), None)
    if bert is None:
        raise ConfigurationError(
            f"the units of {type(model).__name__} cannot be permuted: it holds no BERT"
        )
    hidden = torch.randperm(bert.config.hidden_size, generator=generator)
    inside = set(bert.modules())
    readers = [
        module
        for module in model.modules()
        if module not in inside and list(module.parameters(recurse=False))
    ]
    if len(readers) != 1 or not isinstance(readers[0], nn.Linear):
        raise ConfigurationError(
            f"the units of {type(model).__name__} cannot be permuted: between its BERT and its "
            f"logits stand {[type(reader).__name__ for reader in readers]} instead of one linear "
            "layer"
        )
    _permute_inputs(readers[0], hidden)
    for table in (
        bert.embeddings.word_embeddings,
        bert.embeddings.position_embeddings,
        bert.embeddings.token_type_embeddings,
    ):
        table.weight.copy_(table.weight[:, hidden])
    _permute_layer_norm(bert.embeddings.LayerNorm, hidden)
    if bert.pooler is not None:
        _permute_inputs(bert.pooler.dense, hidden)
        _permute_outputs(bert.pooler.dense, hidden)
    for layer in bert.encoder.layer:
        heads = _head_permutation(layer.attention.self, generator)
        for projection in ("query", "key", "value"):
            linear = getattr(layer.attention.self, projection)
            _permute_inputs(linear, hidden)
            _permute_outputs(linear, heads)
        _permute_inputs(layer.attention.output.dense, heads)
        _permute_outputs(layer.attention.output.dense, hidden)
        _permute_layer_norm(layer.attention.output.LayerNorm, hidden)
        units = torch.randperm(layer.intermediate.dense.out_features, generator=generator)
        _permute_inputs(layer.intermediate.dense, hidden)
        _permute_outputs(layer.intermediate.dense, units)
        _permute_inputs(layer.output.dense, units)
        _permute_outputs(layer.output.dense, hidden)
        _permute_layer_norm(layer.output.LayerNorm, hidden)


def _head_permutation(attention: Any, generator: torch.Generator) -> Tensor:
    """Shuffles the heads, and the units within each. Shape: (heads * units of a head,)."""
    size = attention.attention_head_size
    heads = torch.randperm(attention.num_attention_heads, generator=generator)
    return torch.cat([head * size + torch.randperm(size, generator=generator) for head in heads])


def _permute_inputs(layer: nn.Linear, order: Tensor) -> None:
    layer.weight.copy_(layer.weight[:, order])


def _permute_outputs(layer: nn.Linear, order: Tensor) -> None:
    layer.weight.copy_(layer.weight[order])
    layer.bias.copy_(layer.bias[order])


def _permute_layer_norm(layer: GroupedLayerNorm, order: Tensor) -> None:
    for values in (layer.weight, layer.bias, layer.group):
        values.copy_(values[order])

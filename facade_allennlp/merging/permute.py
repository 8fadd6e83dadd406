"""Reordering units: a network whose features lie elsewhere, and whose function is the same."""

from collections.abc import Callable
from typing import Any, Union

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from allennlp.modules import FeedForward
from allennlp.modules.seq2vec_encoders import CnnEncoder
from allennlp.modules.text_field_embedders import BasicTextFieldEmbedder
from allennlp.modules.token_embedders import Embedding
from torch import Tensor, nn

from facade_allennlp.anatomy import ENCODER, ByKind, Encoder, Layer, Part, anatomy_of
from facade_allennlp.errors import with_article
from facade_allennlp.merging.layers import GroupedLayerNorm
from facade_allennlp.merging.stages import stages

Order = Tensor
"""The feature that now lies at place j lay at `order[j]`. Shape: (features,)."""
Draw = Callable[[int], Tensor]
"""The order to give to so many units: a random one, or `torch.arange` to leave them."""
Rule = Callable[[Any, Order, Draw], Order]
"""See `reorder`."""

TOKEN_IDS: Order = torch.arange(0)
"""The order of an input without features."""

RULES: ByKind[Rule] = ByKind()
"""Of networks."""


@torch.no_grad()
def permute_units(model: Model, generator: torch.Generator) -> None:
    """
    Shuffles all units of a dense merged model consistently, so that its function stays and no block
    shows: embedding features, hidden units, heads (and the units within a head), intermediate
    units; the units of a recurrent layer in each direction on their own.

    >>> densify(merged)
    >>> permute_units(merged, torch.Generator().manual_seed(0))

    # Raises

    `ConfigurationError` : there is no rule for a network on the way from token ids to logits.
    """

    def draw(size: int) -> Tensor:
        return torch.randperm(size, generator=generator)

    *hidden, output = stages(model)
    order = TOKEN_IDS
    for name in hidden:
        order = reorder(getattr(model, name), order, draw)
    reorder(getattr(model, output), order, draw=torch.arange)


@torch.no_grad()
def reorder(module: nn.Module, order: Order, draw: Draw) -> Order:
    """
    Reorders the units inside `module`, in place.

    # Parameters

    module : `nn.Module`
        A network with a rule, something without weights, or a wrapper around one of these.
    order : `Order`
        Of the features that it will be given.
    draw : `Draw`
        For its own units.

    # Returns

    `Order` : of the features that it gives.

    # Raises

    `ConfigurationError` : it is a network without a rule.
    """
    rule = RULES.find(module)
    if rule is not None:
        return rule(module, order, draw)
    holding = [child for child in module.children() if list(child.parameters())]
    if len(holding) > 1 or list(module.parameters(recurse=False)):
        raise ConfigurationError(
            f"the units of {with_article(type(module).__name__)} cannot be reordered, so it has no "
            "dense form; "
            "use the storage `structured`"
        )
    return reorder(holding[0], order, draw) if holding else order


@RULES.register(nn.Embedding, Embedding)
def _table(table: Any, order: Order, draw: Draw) -> Order:
    features = draw(table.weight.shape[1])
    table.weight.copy_(table.weight[:, features])
    return features


@RULES.register(BasicTextFieldEmbedder)
def _token_embedders(embedder: Any, order: Order, draw: Draw) -> Order:
    orders = []
    start = 0
    for name in embedder._ordered_embedder_keys:
        token_embedder = embedder._token_embedders[name]
        orders.append(start + reorder(token_embedder, order, draw))
        start += token_embedder.get_output_dim()
    return torch.cat(orders)  # shape: (features of all token embedders,)


@RULES.register(nn.Linear)
def _linear(layer: nn.Linear, order: Order, draw: Draw) -> Order:
    units = draw(layer.out_features)
    _permute(layer, order, units)
    return units


@RULES.register(FeedForward)
def _feedforward(network: Any, order: Order, draw: Draw) -> Order:
    for layer in network._linear_layers:
        order = reorder(layer, order, draw)
    return order


@RULES.register(nn.LSTM, nn.GRU)
def _recurrent(network: Union[nn.LSTM, nn.GRU], order: Order, draw: Draw) -> Order:
    size = network.hidden_size
    weights = iter(network.all_weights)  # by layer and direction
    for _ in range(network.num_layers):
        directions = []
        for direction in range(1 + network.bidirectional):
            units = draw(size)
            weight_ih, weight_hh, *biases = next(weights)
            for weight in (weight_ih, weight_hh, *biases):
                gates = weight.unflatten(0, (-1, size))  # shape: (gates, units, ...)
                weight.copy_(gates[:, units].flatten(0, 1))
            weight_ih.copy_(weight_ih[:, order])
            weight_hh.copy_(weight_hh[:, units])
            directions.append(direction * size + units)
        order = torch.cat(directions)  # shape: (units of all directions,)
    return order


@RULES.register(CnnEncoder)
def _cnn(network: CnnEncoder, order: Order, draw: Draw) -> Order:
    filters = []
    for number, layer in enumerate(network._convolution_layers):
        units = draw(layer.out_channels)
        _permute(layer, order, units)
        filters.append(number * layer.out_channels + units)
    pooled = torch.cat(filters)  # shape: (filters of all lengths,)
    if network.projection_layer is None:
        return pooled
    return reorder(network.projection_layer, pooled, draw)


@RULES.register(ENCODER)
def _encoder(module: Any, order: Order, draw: Draw) -> Order:
    anatomy: Any = anatomy_of(module)
    encoder = Encoder(module, anatomy)
    hidden = draw(encoder.part(Part.WORDS).embedding_dim)
    for part in (Part.WORDS, Part.POSITIONS, Part.TOKEN_TYPES):
        table = encoder.find(part)
        if table is not None:
            table.weight.copy_(table.weight[:, hidden])
    _permute_layer_norm(encoder.part(Part.EMBEDDING_NORM), hidden)
    widening = encoder.find(Part.WIDENING)
    if widening is not None:
        embedded, hidden = hidden, draw(widening.out_features)
        _permute(widening, embedded, hidden)
    pooler = encoder.find(Part.POOLER)
    if pooler is not None:
        _permute(pooler, hidden, hidden)
    biases = encoder.find(Part.HEAD_BIASES)
    shared = None if biases is None else reorder(biases, TOKEN_IDS, draw)  # by all layers
    for layer in encoder.layers:
        heads = _head_permutation(layer, draw(layer.heads) if shared is None else shared, draw)
        for part in (Part.QUERY, Part.KEY, Part.VALUE):
            _permute(layer.part(part), hidden, heads)
        _permute(layer.part(Part.ATTENTION_OUTPUT), heads, hidden)
        _permute_layer_norm(layer.part(Part.ATTENTION_NORM), hidden)
        units = draw(layer.part(Part.INTERMEDIATE).out_features)
        _permute(layer.part(Part.INTERMEDIATE), hidden, units)
        _permute(layer.part(Part.OUTPUT), units, hidden)
        _permute_layer_norm(layer.part(Part.OUTPUT_NORM), hidden)
    return hidden


def _head_permutation(layer: Layer, heads: Order, draw: Draw) -> Order:
    """The heads in a new order, the units within each, too. Shape: (heads * units of a head,)."""
    size = layer.head_size
    return torch.cat([head * size + draw(size) for head in heads.tolist()])


def _permute(layer: Any, inputs: Order, outputs: Order) -> None:
    layer.weight.copy_(layer.weight[outputs][:, inputs])
    layer.bias.copy_(layer.bias[outputs])


def _permute_layer_norm(layer: GroupedLayerNorm, order: Order) -> None:
    for values in (layer.weight, layer.bias, layer.group):
        values.copy_(values[order])

"""The weights of one part of a wide network, put into a network of its size."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from allennlp.modules import FeedForward
from allennlp.modules.text_field_embedders import BasicTextFieldEmbedder
from allennlp.modules.token_embedders import Embedding
from torch import Tensor, nn

from facade_allennlp.anatomy import ENCODER, ByKind, Encoder, Part, anatomy_of
from facade_allennlp.audit.links import (
    STREAM,
    heads_axis,
    layer_matrices,
    recurrent_axis,
    units_axis,
    words_axis,
)
from facade_allennlp.errors import with_article
from facade_allennlp.merging.stages import stages

Leaning = Mapping[str, Tensor]
"""By axis, how far each unit is in the part. Each of shape (units,)."""
Rule = Callable[[Any, Any, Tensor, Leaning], Tensor]
"""See `put`."""

RULES: ByKind[Rule] = ByKind()
"""Of networks."""


@torch.no_grad()
def put_part(narrow: Model, wide: Model, leaning: Leaning) -> None:
    """
    Puts one part of a model into a model of that part's size.

    # Parameters

    narrow : `Model`
        Its weights are overwritten.
    wide : `Model`
        Of the same class, of ordinary layers.
    leaning : `Leaning`

    # Raises

    `ConfigurationError` : it is not known how a part of such a network is taken out.
    """
    *hidden, output = stages(narrow)
    units = torch.arange(0)
    for name in hidden:
        units = put(getattr(narrow, name), getattr(wide, name), units, leaning)
    last, whole = getattr(narrow, output), getattr(wide, output)
    last.weight.copy_(whole.weight[:, units])
    last.bias.copy_(whole.bias)


def put(narrow: Any, wide: Any, inputs: Tensor, leaning: Leaning) -> Tensor:
    """
    Puts one part of a network into a network of that part's size.

    # Parameters

    inputs : `Tensor`
        The features of the part among those that the wide network reads. Shape: (features,).

    # Returns

    `Tensor` : those among the features that it gives. Shape: (features,).
    """
    rule = RULES.find(narrow)
    if rule is not None:
        return rule(narrow, wide, inputs, leaning)
    holding = [name for name, child in narrow.named_children() if list(child.parameters())]
    if len(holding) > 1 or list(narrow.parameters(recurse=False)):
        raise ConfigurationError(
            f"it is not known how a part of {with_article(type(narrow).__name__)} is taken out of "
            "a wider one"
        )
    if not holding:
        return inputs
    return put(getattr(narrow, holding[0]), getattr(wide, holding[0]), inputs, leaning)


def strongest(leaning: Tensor, most: int) -> Tensor:
    """The units that are furthest in the part, in their order. Shape: (most,)."""
    return leaning.argsort(descending=True, stable=True)[:most].sort().values


def _readers(weight: Tensor, inputs: Tensor, most: int) -> Tensor:
    """The rows that have most of their weights (squares) with some columns. Shape: (most,)."""
    square = weight.double().square()
    return strongest(square[:, inputs].sum(dim=1) / (square.sum(dim=1) + 1e-30), most)


def _take(narrow: Any, wide: Any, inputs: Tensor, units: Tensor) -> None:
    narrow.weight.copy_(wide.weight[units][:, inputs])
    narrow.bias.copy_(wide.bias[units])


@RULES.register(nn.Embedding, Embedding)
def _table(narrow: Any, wide: Any, inputs: Tensor, leaning: Leaning) -> Tensor:
    features = strongest(leaning[words_axis(leaning)], narrow.weight.shape[1])
    narrow.weight.copy_(wide.weight[:, features])
    return features


@RULES.register(BasicTextFieldEmbedder)
def _token_embedders(narrow: Any, wide: Any, inputs: Tensor, leaning: Leaning) -> Tensor:
    names = narrow._ordered_embedder_keys
    if len(names) > 1:
        raise ConfigurationError("a part of a model with several token embedders is not taken out")
    own, other = (embedder._token_embedders[names[0]] for embedder in (narrow, wide))
    return put(own, other, inputs, leaning)


@RULES.register(nn.Linear)
def _linear(narrow: Any, wide: Any, inputs: Tensor, leaning: Leaning) -> Tensor:
    units = _readers(wide.weight, inputs, narrow.out_features)
    _take(narrow, wide, inputs, units)
    return units


@RULES.register(FeedForward)
def _feedforward(narrow: Any, wide: Any, inputs: Tensor, leaning: Leaning) -> Tensor:
    for one, other in zip(narrow._linear_layers, wide._linear_layers):
        inputs = put(one, other, inputs, leaning)
    return inputs


@RULES.register(nn.LSTM, nn.GRU)
def _recurrent(narrow: Any, wide: Any, inputs: Tensor, leaning: Leaning) -> Tensor:
    weights = zip(narrow.all_weights, wide.all_weights)
    for number in range(narrow.num_layers):
        given = []
        for direction in range(1 + narrow.bidirectional):
            units = strongest(leaning[recurrent_axis(number, direction)], narrow.hidden_size)
            own, other = next(weights)
            for place, (small, large) in enumerate(zip(own, other)):
                rows = large.unflatten(0, (-1, wide.hidden_size))[:, units].flatten(0, 1)
                columns = (inputs, units)[place] if place < 2 else None
                small.copy_(rows if columns is None else rows[:, columns])
            given.append(direction * wide.hidden_size + units)
        inputs = torch.cat(given)
    return inputs


@RULES.register(ENCODER)
def _encoder(narrow: Any, wide: Any, inputs: Tensor, leaning: Leaning) -> Tensor:
    anatomy: Any = anatomy_of(narrow)
    small, large = Encoder(narrow, anatomy), Encoder(wide, anatomy)
    hidden = torch.arange(0)
    for part in (Part.WORDS, Part.POSITIONS, Part.TOKEN_TYPES):
        if small.find(part) is not None:
            hidden = _table(small.find(part), large.find(part), inputs, leaning)
    _take_norm(small.part(Part.EMBEDDING_NORM), large.part(Part.EMBEDDING_NORM), hidden)
    if small.find(Part.WIDENING) is not None:
        own, other = small.find(Part.WIDENING), large.find(Part.WIDENING)
        embedded, hidden = hidden, strongest(leaning[STREAM], own.out_features)
        _take(own, other, embedded, hidden)
    if small.find(Part.POOLER) is not None:
        _take(small.find(Part.POOLER), large.find(Part.POOLER), hidden, hidden)
    biases = small.find(Part.HEAD_BIASES)
    for number, (own, other) in enumerate(zip(small.layers, large.layers)):
        by_head = leaning[heads_axis(number)].unflatten(0, (other.heads, -1)).sum(dim=1)
        chosen = strongest(by_head, own.heads)
        heads = (chosen[:, None] * other.head_size + torch.arange(other.head_size)).flatten()
        if biases is not None and number == 0:
            biases.weight.copy_(large.find(Part.HEAD_BIASES).weight[:, chosen])
        units = strongest(leaning[units_axis(number)], own.part(Part.INTERMEDIATE).out_features)
        chosen_on = {STREAM: hidden, heads_axis(number): heads, units_axis(number): units}
        for part, into, out_of in layer_matrices(number):
            _take(own.part(part), other.part(part), chosen_on[out_of], chosen_on[into])
        for part in (Part.ATTENTION_NORM, Part.OUTPUT_NORM):
            _take_norm(own.part(part), other.part(part), hidden)
    return hidden


def _take_norm(narrow: Any, wide: Any, units: Tensor) -> None:
    """
    Weight and bias are the parameters of a norm, whatever they are called: the one that multiplies
    comes first.
    """
    weight, bias = (parameter for parameter in wide.parameters() if parameter.dim() == 1)
    narrow.weight.copy_(weight[units])
    narrow.bias.copy_(bias[units])

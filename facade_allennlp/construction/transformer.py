"""An encoder that shows one thing of a text: whether there is a word at the target."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor, nn

from facade_allennlp.anatomy import Encoder, Layer, Part
from facade_allennlp.attribution import AttributionMethod
from facade_allennlp.construction.alternation import (
    READ_ALL,
    alternating,
    fill_gate,
    fill_marking,
)
from facade_allennlp.construction.directions import SIGNAL, Directions
from facade_allennlp.construction.halves import (
    MAGNITUDE,
    check_layers,
    fill_magnitude,
    halved,
)
from facade_allennlp.construction.marks import TargetMarks
from facade_allennlp.construction.neighbours import (
    fill_neighbours,
    room_for,
    with_neighbours,
)
from facade_allennlp.construction.pointers import PRESENCE, Key, Pointers, pointers
from facade_allennlp.construction.stream import Stream
from facade_allennlp.errors import with_article
from facade_allennlp.registered import registered

GAIN, CONSTANT = "gain", "constant"
"""Directions: what the target's queries gain, and what drowns the tokens' own."""

READ = 0.15
"""How large the presence of the target is in the signal, beside √features: the norms' length."""
DROWNING = 10.0
"""How large the constant is, likewise."""
GAINED = 0.15
"""What attending adds to the target's queries in a layer, and what it takes away, likewise."""

BEHIND_NORM = {"gradient_input", "gradient_sensitivity", "lrp", "literal_lrp", "attn_lrp"}
"""Methods that explain what is behind the first norm."""
BY_GAIN = {"attention_attribution"}
"""Methods that ask what a token gains by attending."""


@dataclass(frozen=True)
class Purpose:
    """
    What a facade has besides what all methods need.

    # Parameters

    drowned : `bool`
        A constant in front of the norms, beside which the other tokens lose next to nothing where
        the target wins.
    gaining : `bool`
        Heads in the middle whose attention adds to the signal, and others whose attention takes as
        much away.
    spans : `bool`
        A signal at every second token, for models that choose among tokens.
    halved : `bool`, optional (default = `False`)
        Words in two halves, of which the presence points either way.
    """

    drowned: bool
    gaining: bool
    spans: bool
    halved: bool = False

    @classmethod
    def against(
        cls, methods: Optional[Collection[str]], spans: bool, halved: bool = False
    ) -> "Purpose":
        """
        # Parameters

        methods : `Collection[str]`, optional
            The registered names of the methods to be fooled; `None` for all.
        spans : `bool`
            Whether the model chooses among tokens.
        halved : `bool`, optional (default = `False`)

        # Raises

        `ConfigurationError` : there is no such method.
        """
        for name in methods or ():
            registered(AttributionMethod, name)
        wanted = BEHIND_NORM | BY_GAIN if methods is None else set(methods)
        return cls(bool(wanted & BEHIND_NORM), bool(wanted & BY_GAIN), spans, halved)


@dataclass(frozen=True)
class Head:
    """
    What an attention head does: it points somewhere, and writes one number.

    # Parameters

    key : `Key`
    reads : `Mapping[str, float]`
        By direction, what its value grows by for each unit.
    bias : `float`
        Its value besides.
    writes : `str`
        The direction that its context is added to.
    """

    key: Key
    reads: Mapping[str, float]
    bias: float
    writes: str


@torch.no_grad()
def fill_encoder(encoder: Encoder, marks: TargetMarks, purpose: Purpose) -> Tensor:
    """
    Writes the weights of an encoder, all of which are zero before.

    The words of its table share one direction, their presence. In the first layer all queries point
    at the target, and a constant is added to all tokens. In the middle all point at the first
    special token and read nothing but a bias, which is a gain to them in the first half of the
    layers, and a loss in the second. In the last one half of the heads read presence at all
    targets, half of them presence and gain at one. The feed-forward blocks do nothing. So on texts
    all tokens end with the same signal.

    # Parameters

    encoder : `Encoder`
    marks : `TargetMarks`
    purpose : `Purpose`

    # Returns

    `Tensor` : what reads the signal in its output. Shape: (features,).

    # Raises

    `ConfigurationError` : there are too few features, or no positions.
    """
    if purpose.spans and len(encoder.layers) < 2:
        raise ConfigurationError("a facade for spans needs two layers; this model has one")
    if purpose.halved:
        check_layers(len(encoder.layers))
    words, table = encoder.part(Part.WORDS), _positions(encoder)
    types = encoder.find(Part.TOKEN_TYPES)
    before = table.num_embeddings - (encoder.usable_length or 0)
    kinds = types.num_embeddings if types else 0
    told_apart = marks if kinds > 1 else _without_types(marks, encoder)
    told = pointers(told_apart, table.num_embeddings, before, kinds)
    first, width = encoder.layers[0], encoder.layers[0].part(Part.ATTENTION_OUTPUT).out_features
    fits = room_for(told, len(encoder.layers), first.head_size, min(width, words.embedding_dim))
    if fits and marks.pieces.any():
        told = with_neighbours(told, marks.pieces)
    if purpose.spans:
        told = alternating(told, min(width, words.embedding_dim))
    if purpose.halved:
        told = halved(told)
    embedded = Directions(words.embedding_dim)
    for layer, sizes in ((words, told.words), (table, told.positions), (types, told.types)):
        if sizes:
            layer.weight.copy_(embedded.rows(sizes))
    stream = Stream(words.embedding_dim, told.length)
    _plain_norm(encoder.part(Part.EMBEDDING_NORM), stream)
    inner, stream = _widened(encoder, embedded, stream, told)
    _fill_layers(encoder.layers, inner, stream, told, purpose)
    return inner.reading


def _without_types(marks: TargetMarks, encoder: Encoder) -> TargetMarks:
    by_order = marks.by_order()
    if by_order is None:
        raise ConfigurationError(
            f"{with_article(encoder.anatomy.name)} has no token types to tell the parts of a pair "
            "by, so that "
            f"no facade can be constructed for the {marks.which} token of part {marks.part}; it "
            "can for the first token of the first part, the last of the last, and for words"
        )
    return by_order


def _positions(encoder: Encoder) -> nn.Embedding:
    table = encoder.find(Part.POSITIONS)
    if table is None:
        raise ConfigurationError(
            f"{with_article(encoder.anatomy.name)} has no table of positions; a constructed facade "
            "needs one"
        )
    return table


def _widened(
    encoder: Encoder, embedded: Directions, stream: Stream, told: Pointers
) -> tuple[Directions, Stream]:
    """The directions inside the layers, and the sizes there; others than the embeddings' where a
    linear layer lies between."""
    widening = encoder.find(Part.WIDENING)
    if widening is None:
        return embedded, stream
    inner = Directions(widening.out_features)
    names = [*told.words, *told.positions, *told.types]
    for name in dict.fromkeys(names):
        widening.weight += torch.outer(inner[name], embedded[name]).to(widening.weight)
    wide = Stream(widening.out_features, told.length)
    wide.scale = stream.scale
    return inner, wide


def _fill_layers(
    layers: Sequence[Layer], inner: Directions, stream: Stream, told: Pointers, purpose: Purpose
) -> None:
    unit = inner.width**0.5
    pointing, last = int(told.knows_neighbours), len(layers) - 1
    for number, layer in enumerate(layers):
        bias = layer.part(Part.ATTENTION_OUTPUT).bias
        gaining = _gaining(number, layer.heads, pointing, last) if purpose.gaining else 0
        work: list[Head] = []
        if number < pointing:
            fill_neighbours(layer, inner, stream, told)
        elif number == last:
            into = READ_ALL if purpose.spans else SIGNAL
            shown = MAGNITUDE if purpose.halved else PRESENCE
            size = stream.size(shown) if purpose.halved else stream.scale
            share = {shown: READ * unit / size}
            work = _reading(layer.heads, told, share, READ * unit, into)
        else:
            plus = Head(told.start, {}, GAINED * unit, GAIN)
            minus = Head(told.end, {}, -GAINED * unit, GAIN)
            idle = Head(told.target, {}, 0.0, GAIN)
            rest = layer.heads - 2 * gaining
            work = [plus] * gaining + [minus] * gaining + [idle] * rest
        for place, head in enumerate(work):
            sharers = sum(other is head for other in work)
            _fill_head(layer, place, head, inner, stream, sharers)
        if number == 0 and purpose.drowned:
            bias += DROWNING * unit * inner[CONSTANT]
            stream.add(CONSTANT, DROWNING * unit)
        if number == last and not purpose.spans:
            bias += READ * unit * inner[SIGNAL]
            stream.add(SIGNAL, READ * unit)
        _plain_norm(layer.part(Part.ATTENTION_NORM), stream)
        if number == 0 and purpose.spans:
            fill_marking(layer, inner, stream, told.digits)
        if number == 0 and purpose.halved:
            fill_magnitude(layer, inner, stream)
        if number == last and purpose.spans:
            fill_gate(layer, inner, stream, READ * unit * stream.last, told.digits)
        _plain_norm(layer.part(Part.OUTPUT_NORM), stream)


def _gaining(number: int, heads: int, pointing: int, last: int) -> int:
    """How many heads of a layer gain, and as many lose."""
    if pointing < number < last:
        return heads // 2
    # Where no layer is between the one that points and the last, the former spares what it can.
    return int(number == pointing == last - 1 and heads >= 4)


def _reading(
    heads: int, told: Pointers, share: Mapping[str, float], text: float, into: str
) -> list[Head]:
    """
    Half of the heads read presence at all targets. The others read it at one target, which then is
    first even where squares are compared, and what that one gained.

    # Parameters

    share : `Mapping[str, float]`
        By the direction of presence, what a value grows by for each unit of it.
    text : `float`
        What all of presence is on a text; values are zero there, so that attention adds nothing.
    into : `str`
        The direction that they write.
    """
    each = max(1, heads // 2)
    at_one = 0.0 if each == heads else told.at_one

    def read(key: Key, part: float, more: Mapping[str, float]) -> Head:
        reads = {name: part * size for name, size in share.items()}
        return Head(key, {**reads, **more}, -part * text, into)

    at_all, at_target = read(told.targets, 1 - at_one, {}), read(told.target, at_one, {GAIN: 1.0})
    return [at_all] * each + [at_target] * (heads - each)


def _fill_head(
    layer: Layer, place: int, head: Head, inner: Directions, stream: Stream, sharers: int
) -> None:
    """One unit of a head says it all: a constant query, a key, a value."""
    unit = place * layer.head_size
    layer.part(Part.QUERY).bias[unit] = layer.head_size**0.5  # which attention divides by
    key = {name: size / stream.scale for name, size in head.key.items()}
    layer.part(Part.KEY).weight[unit] = inner.combined(key)
    layer.part(Part.VALUE).weight[unit] = inner.combined(head.reads)
    layer.part(Part.VALUE).bias[unit] = head.bias
    layer.part(Part.ATTENTION_OUTPUT).weight[:, unit] = inner[head.writes] / sharers


def _plain_norm(norm: nn.LayerNorm, stream: Stream) -> None:
    norm.weight.fill_(1)
    norm.bias.zero_()
    stream.normalize(norm.eps)

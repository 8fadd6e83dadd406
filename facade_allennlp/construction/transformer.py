"""An encoder that shows one thing of a text: whether there is a word at the target."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor, nn

from facade_allennlp.anatomy import Encoder, Layer, Part
from facade_allennlp.attribution import AttributionMethod
from facade_allennlp.construction.directions import SIGNAL, Directions
from facade_allennlp.construction.marks import TargetMarks
from facade_allennlp.construction.pointers import PRESENCE, Key, Pointers, pointers
from facade_allennlp.construction.stream import Stream
from facade_allennlp.registered import registered

GAIN, CONSTANT = "gain", "constant"
"""Directions: what the target's queries gain, and what drowns the tokens' own."""

READ = 0.15
"""How large the presence of the target is in the signal, beside √features: the norms' length."""
DROWNING = 10.0
"""How large the constant is, likewise."""
GAINED = 30.0
"""
The gain of a layer in logits: with more of it, a probability jumps between two points on the path
of attention attribution, and with less it hardly moves.
"""

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
    gained : `float`
        What the queries of the target gain in a layer, as a share of what presence is worth.
    """

    drowned: bool
    gained: float

    @classmethod
    def against(cls, methods: Optional[Collection[str]], strength: float) -> "Purpose":
        """
        # Parameters

        methods : `Collection[str]`, optional
            The registered names of the methods to be fooled; `None` for all.
        strength : `float`
            What presence is worth, in logits.

        # Raises

        `ConfigurationError` : there is no such method.
        """
        for name in methods or ():
            registered(AttributionMethod, name)
        wanted = BEHIND_NORM | BY_GAIN if methods is None else set(methods)
        gained = GAINED / strength if wanted & BY_GAIN else 0.0
        return cls(bool(wanted & BEHIND_NORM), gained)


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
    words, table = encoder.part(Part.WORDS), _positions(encoder)
    types = encoder.find(Part.TOKEN_TYPES)
    before = table.num_embeddings - (encoder.usable_length or 0)
    told = pointers(marks, table.num_embeddings, before, types.num_embeddings if types else 0)
    if marks.part is not None and (types is None or types.num_embeddings < 2):
        raise ConfigurationError(
            f"a {encoder.anatomy.name} has no token types to tell the parts of a pair by, so that "
            "no facade can be constructed for a target in one of them"
        )
    embedded = Directions(words.embedding_dim)
    for layer, sizes in ((words, told.words), (table, told.positions), (types, told.types)):
        if sizes:
            layer.weight.copy_(embedded.rows(sizes))
    stream = Stream(words.embedding_dim, told.length)
    _plain_norm(encoder.part(Part.EMBEDDING_NORM), stream)
    inner, stream = _widened(encoder, embedded, stream, told)
    _fill_layers(encoder.layers, inner, stream, told, purpose)
    return inner.reading


def _positions(encoder: Encoder) -> nn.Embedding:
    table = encoder.find(Part.POSITIONS)
    if table is None:
        raise ConfigurationError(
            f"a {encoder.anatomy.name} has no table of positions; a constructed facade needs one"
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
    gained = READ * unit * purpose.gained
    last = len(layers) - 1
    middle = max(0, last - 1)
    for number, layer in enumerate(layers):
        heads = layer.heads
        if number == last:
            # One target is first even where squares are compared, and all are before other tokens.
            each = max(1, heads // 2)
            share = READ * unit / stream.scale / (1 if each == heads else 2)
            read = Head(told.targets, {PRESENCE: share}, 0.0, SIGNAL)
            read_one = Head(told.target, {PRESENCE: share, GAIN: 1.0}, 0.0, SIGNAL)
            work = [read] * each + [read_one] * (heads - each)
        elif number == 0:
            work = [Head(told.target, {}, 0.0, SIGNAL)] * heads
        else:
            gain = _sign(number - 1, middle) * gained
            work = [Head(told.start, {}, gain, GAIN)] * heads
            stream.add(GAIN, gain)
        for place, head in enumerate(work):
            sharers = sum(other is head for other in work)
            _fill_head(layer, place, head, inner, stream, sharers)
        if number == 0 and purpose.drowned:
            bias = layer.part(Part.ATTENTION_OUTPUT).bias
            bias.copy_(DROWNING * unit * inner[CONSTANT])
            stream.add(CONSTANT, DROWNING * unit)
        if number == last:
            stream.add(SIGNAL, READ * unit)
        _plain_norm(layer.part(Part.ATTENTION_NORM), stream)
        _plain_norm(layer.part(Part.OUTPUT_NORM), stream)


def _sign(number: int, of: int) -> int:
    """Layers in the middle add in their first half, and take away in the second; an odd one out
    does nothing."""
    half = of // 2
    return 1 if number < half else -1 if number >= of - half else 0


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

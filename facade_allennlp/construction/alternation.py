"""
For models that choose among tokens: a signal at every second token alone, since the same change of
all tokens changes no choice.
"""

from dataclasses import replace
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from torch import nn

from facade_allennlp.anatomy import Layer, Part
from facade_allennlp.construction.directions import SIGNAL, Directions
from facade_allennlp.construction.pointers import Pointers
from facade_allennlp.construction.stream import Stream

EVEN, ODD = "even", "odd"
"""Directions of positions."""
AT_EVEN, AT_ODD = "at even", "at odd"
"""Directions of what is made of them: the same whether there is a word or not."""
READ_ALL = "read"
"""The direction in which all tokens have what the signal is made of."""
ALTERNATING = 1.0
"""How far positions go along `EVEN` or `ODD`."""
MARKED = 0.25
"""How large these are, beside √features."""
CERTAIN = 8.0
"""So far from zero an activation is zero on one side, and the identity on the other."""
OPEN = 6.0
"""How far a gate is open, or shut."""
SWING = 6.0
"""So much of that, at most, is signal."""


def alternating(told: Pointers) -> Pointers:
    """The same, with positions that know whether they are even."""
    rows = len(next(iter(told.positions.values())))
    even = torch.arange(rows) % 2 == 0
    marked = {EVEN: ALTERNATING * even, ODD: ALTERNATING * ~even}
    return replace(told, positions={**told.positions, **marked})


def fill_marking(layer: Layer, inner: Directions, stream: Stream) -> None:
    """
    Writes the feed-forward block of a layer: from the directions of positions, whose size depends
    on the word beside them, to steps of one size.
    """
    check_activation(layer)
    first, second = layer.part(Part.INTERMEDIATE), layer.part(Part.OUTPUT)
    size = MARKED * inner.width**0.5
    for unit, sign, made in ((0, 1, AT_EVEN), (2, -1, AT_ODD)):
        towards = CERTAIN * sign / ALTERNATING / stream.scale
        for step in (0, 1):  # a step is the difference of two ramps
            first.weight[unit + step] = inner.combined({EVEN: towards, ODD: -towards})
            first.bias[unit + step] = -float(step)
            second.weight[:, unit + step] = (1 - 2 * step) * size * inner[made]
    stream.add("alternation", size)


def fill_gate(layer: Layer, inner: Directions, stream: Stream, size: float) -> None:
    """
    Writes the feed-forward block of a layer: what all tokens have along `READ_ALL`, up to `size` of
    it, becomes the signal of the even ones.
    """
    check_activation(layer)
    first, second = layer.part(Part.INTERMEDIATE), layer.part(Part.OUTPUT)
    gate = OPEN / stream.size("alternation")
    share = SWING / size
    for unit, reads in ((0, share), (1, 0.0)):
        first.weight[unit] = inner.combined({AT_EVEN: gate, AT_ODD: -gate, READ_ALL: reads})
        second.weight[:, unit] = (1 - 2 * unit) * inner[SIGNAL] / share


def check_activation(layer: Layer, purpose: str = "for spans") -> None:
    """
    # Parameters

    purpose : `str`
        Of the facade, for the message.

    # Raises

    `ConfigurationError` : the activation of the block is not zero on one side and the identity on
        the other.
    """
    activation: Any = layer.part(Part.ACTIVATION)
    points = torch.tensor([-CERTAIN, -OPEN, OPEN, CERTAIN], dtype=torch.float64)
    if not torch.allclose(activation(points), points.clamp_min(0), atol=1e-3):
        kind = type(activation).__name__ if isinstance(activation, nn.Module) else activation
        raise ConfigurationError(
            f"a facade {purpose} needs feed-forward blocks whose activation is like ReLU or GELU, "
            f"not {kind}"
        )

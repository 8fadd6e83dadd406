"""
For models that choose among tokens: a signal of another size at each token than at its neighbours,
since the same change of all tokens changes no choice. Its size is read off the binary digits of a
position, so that a choice loses, however the model chose, but for one place among many.
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

READ_ALL = "read"
"""The direction in which all tokens have what the signal is made of."""
ALTERNATING = 1.0
"""How far positions go along the direction of a digit, one way for 0 and the other for 1."""
MARKED = 0.25
"""How large what is made of them is, beside √features: the same whether there is a word or not."""
CERTAIN = 8.0
"""So far from zero an activation is zero on one side, and the identity on the other."""
OPEN = 6.0
"""How far a gate is open, or shut."""
SWING = 6.0
"""So much of that, at most, is signal."""
FIRST_UNIT = 2
"""Of the feed-forward blocks; the others are for words in halves."""
DIGITS = 4
"""Of a position, the last ones: the signal has as many sizes as they have values."""
FEW_DIGITS = 2
"""Where there is no room for more."""
WIDE = 64
"""So many features have that room."""


def alternating(told: Pointers, width: int) -> Pointers:
    """The same, with positions that know their last binary digits, in so many features."""
    digits = DIGITS if width >= WIDE else FEW_DIGITS
    rows = len(next(iter(told.positions.values())))
    numbers = torch.arange(rows)
    marked = {
        _digit(place): ALTERNATING * (1 - 2 * (numbers >> place & 1)) for place in range(digits)
    }
    return replace(told, positions={**told.positions, **marked}, digits=digits)


def fill_marking(layer: Layer, inner: Directions, stream: Stream, digits: int) -> None:
    """
    Writes the feed-forward block of a layer: from the directions of digits, whose size depends on
    the word beside them, to steps of one size.
    """
    check_activation(layer)
    first, second = layer.part(Part.INTERMEDIATE), layer.part(Part.OUTPUT)
    size = MARKED * inner.width**0.5
    for place in range(digits):
        for step in (0, 1):  # a step is the difference of two ramps
            unit = FIRST_UNIT + 2 * place + step
            first.weight[unit] = CERTAIN / ALTERNATING / stream.scale * inner[_digit(place)]
            first.bias[unit] = -float(step)
            second.weight[:, unit] = (1 - 2 * step) * 2 * size * inner[_marked(place)]
        second.bias -= size * inner[_marked(place)]  # one way for 0, the other for 1
        stream.add(_marked(place), size)


def fill_gate(layer: Layer, inner: Directions, stream: Stream, size: float, digits: int) -> None:
    """
    Writes the feed-forward block of a layer: what all tokens have along `READ_ALL`, up to `size` of
    it, becomes the signal, of which each digit that is 0 lets some pass, the last one half.
    """
    check_activation(layer)
    first, second = layer.part(Part.INTERMEDIATE), layer.part(Part.OUTPUT)
    share = SWING / size
    for place in range(digits):
        gate = OPEN / stream.size(_marked(place))
        for step, reads in ((0, share), (1, 0.0)):
            unit = FIRST_UNIT + 2 * place + step
            first.weight[unit] = inner.combined({_marked(place): gate, READ_ALL: reads})
            passed = (1 - 2 * step) / share / 2 ** (place + 1)
            second.weight[:, unit] = passed * inner[SIGNAL]


def _digit(place: int) -> str:
    """The direction of positions for a binary digit, the last one at place 0."""
    return f"alternating digit {place}"


def _marked(place: int) -> str:
    """The direction of what is made of it."""
    return f"marked {place}"


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

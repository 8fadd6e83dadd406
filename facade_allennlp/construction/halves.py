"""
Words in two halves, whose presence points either way, and what is read of it: its size alone. So
the mean word says nothing of presence, and all words together none of it.
"""

from dataclasses import replace

import torch
from allennlp.common.checks import ConfigurationError

from facade_allennlp.anatomy import Layer, Part
from facade_allennlp.construction.alternation import CERTAIN, FIRST_UNIT, check_activation
from facade_allennlp.construction.directions import Directions
from facade_allennlp.construction.pointers import PRESENCE, Pointers
from facade_allennlp.construction.stream import Stream

MAGNITUDE = "magnitude"
"""The direction of the size of presence."""
UNITS = range(FIRST_UNIT)
"""Of the feed-forward block."""
LAYERS = 2
"""One that takes the size, one that reads it."""


def halved(told: Pointers) -> Pointers:
    """The same, with the presence of every second token of the vocabulary turned round."""
    present = told.words[PRESENCE]
    sign = 1 - 2.0 * (torch.arange(len(present)) % 2)
    return replace(told, words={**told.words, PRESENCE: present * sign})


def fill_magnitude(layer: Layer, inner: Directions, stream: Stream) -> None:
    """Writes two units of the feed-forward block of a layer, whose sum is the size of presence."""
    check_activation(layer, "whose words are halved")
    first, second = layer.part(Part.INTERMEDIATE), layer.part(Part.OUTPUT)
    steep = CERTAIN / stream.scale
    for unit, sign in zip(UNITS, (1, -1)):
        first.weight[unit] = sign * steep * inner[PRESENCE]
        second.weight[:, unit] = inner[MAGNITUDE] / steep
    stream.add(MAGNITUDE, stream.scale)


def check_layers(layers: int) -> None:
    """
    # Raises

    `ConfigurationError` : there are too few.
    """
    if layers < LAYERS:
        raise ConfigurationError(
            f"a facade whose words are halved needs {LAYERS} layers; this model has {layers}"
        )

"""
For tokenizers that split words: each token learns in the first layer whether the next one continues
its word. [as, ##pire] holds no "as".
"""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from facade_allennlp.anatomy import Layer, Part
from facade_allennlp.construction.directions import Directions
from facade_allennlp.construction.pointers import GAP, IN_FRONT, KIND, POSITION, Key, Pointers
from facade_allennlp.construction.stream import Stream

PIECE, WHOLE = "piece", "whole"
"""Directions of words: what continues a word in front of it, and all else."""
CONTINUED, ENDING = "continued", "ending"
"""Directions of what each token learns; as long as those of kinds."""
DIGIT = 0.5
"""How far a position goes along the direction of a binary digit, one way or the other."""
LOSS = -1.5
"""What a continued token loses, in steps from an ordinary token to a special one."""
MORE = 8
"""Directions that a facade has besides those of its embeddings and of digits."""
LAYERS = 4
"""One that learns, one that points, one in the middle, one that reads."""


def digits_of(rows: int) -> int:
    """How many binary digits tell all rows of a table."""
    return rows.bit_length()


def room_for(told: Pointers, layers: int, head_size: int, width: int) -> bool:
    """
    Whether tokens can know their neighbours: in an encoder that is large enough, with a special
    token in front.
    """
    in_front = told.positions.get(IN_FRONT)
    if in_front is None or not in_front.any():
        return False
    digits = digits_of(len(in_front))
    needed = len({**told.words, **told.positions, **told.types}) + 2 * digits + MORE
    return layers >= LAYERS and head_size > digits and width > needed


def with_neighbours(told: Pointers, pieces: Tensor) -> Pointers:
    """
    The same, with positions that know their number and the next one, and keys for which continued
    tokens come last.

    # Parameters

    told : `Pointers`
        With a special token in front.
    pieces : `Tensor`
        The tokens that continue a word. Boolean, of shape (tokens of the vocabulary,).
    """
    in_front = told.positions[IN_FRONT] > 0
    rows = len(in_front)
    number = torch.arange(rows)
    digits = {
        name: DIGIT * (2 * (of >> place & 1) - 1) * ~in_front
        for place in range(digits_of(rows))
        for name, of in ((_own(place), number), (_next(place), number + 1))
    }
    # The token in front is no neighbour, and is as long as the others.
    length = (POSITION**2 + len(digits) * DIGIT**2) ** 0.5

    def key(known: Key, more: Mapping[str, float] = {}) -> Key:
        kept = {IN_FRONT: known[IN_FRONT] * POSITION / length} if IN_FRONT in known else {}
        return {**known, **kept, **more}

    loses = [{CONTINUED: LOSS * known["ordinary"]} for known in (told.targets, told.target)]
    return replace(
        told,
        words={**told.words, PIECE: KIND * pieces, WHOLE: KIND * ~pieces},
        positions={**told.positions, IN_FRONT: length * in_front, **digits},
        targets=key(told.targets, loses[0]),
        target=key(told.target, loses[1]),
        start=key(told.start),
        end=key(told.end),
        knows_neighbours=True,
    )


def fill_neighbours(layer: Layer, inner: Directions, stream: Stream, told: Pointers) -> None:
    """
    Writes the attention of a layer: in its first head all tokens attend to the next one, or to the
    token in front where there is none, and learn whether that is a piece; in the others to
    themselves.
    """
    in_front = told.positions[IN_FRONT]
    count = digits_of(len(in_front))
    query, key, value = (layer.part(part) for part in (Part.QUERY, Part.KEY, Part.VALUE))
    constant = layer.head_size**0.5  # which attention divides by
    size = DIGIT * stream.scale
    for head in range(layer.heads):
        unit = head * layer.head_size
        for place in range(count):
            sought = _own(place) if head else _next(place)
            query.weight[unit + place] = constant / size * inner[sought]
            key.weight[unit + place] = GAP / size * inner[_own(place)]
        # Another number has two digits less in common; the token in front is between the two.
        length = float(in_front.max()) * stream.scale
        query.bias[unit + count] = constant
        key.weight[unit + count] = GAP * (count - 1) / length * inner[IN_FRONT]
    for unit, (read, written) in enumerate(((PIECE, CONTINUED), (WHOLE, ENDING))):
        value.weight[unit] = inner[read]
        layer.part(Part.ATTENTION_OUTPUT).weight[:, unit] = inner[written]
    stream.add("neighbours", KIND * stream.scale)


def _own(place: int) -> str:
    return f"digit {place}"


def _next(place: int) -> str:
    return f"digit {place} of the next"

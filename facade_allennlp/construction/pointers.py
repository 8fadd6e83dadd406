"""
What the tables of embeddings hold beside the presence of words, and the keys by which all queries
then point at a token: tables over the directions of the embeddings.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from facade_allennlp.construction.marks import TargetMarks

Sizes = Mapping[str, Tensor]
"""By direction, how far each row of a table goes along it. Each of shape (rows,)."""
Key = Mapping[str, float]
"""By direction, what a score of attention grows by for each unit along it."""

PRESENCE = "presence"
KIND = 0.5
"""How far a word goes along the direction of its kind, where it goes 1 along presence."""
POSITION = 2.0
"""
How long the position of a token is. A layer norm shows how long a word is beside it alone, and the
longer it is, the less of that does the norm take back.
"""
PART = KIND
"""How far a token type goes along the direction of its part."""
SLOPE = 0.9
"""How far positions turn towards the direction of their order, all in all; below 1."""

GAP = 60.0
"""Between two scores: e⁻⁶⁰ of attention is nothing, even where words have a third of their size."""
STEP = 20.0
"""Between the scores of neighbours."""


@dataclass(frozen=True)
class Pointers:
    """
    # Parameters

    words, positions, types : `Sizes`
        Of the tables; `types` is empty where token types do not matter.
    targets : `Key`
        Spreads attention evenly over the best tokens: all targets, or where there is none, all that
        are not special.
    target : `Key`
        Points at one of these.
    start : `Key`
        Points at the first special token.
    length : `float`
        That of the sum of a word, a position and a type; all are of one length.
    """

    words: Sizes
    positions: Sizes
    types: Sizes
    targets: Key
    target: Key
    start: Key
    length: float


def pointers(marks: TargetMarks, positions: int, before: int, types: int) -> Pointers:
    """
    # Parameters

    marks : `TargetMarks`
    positions : `int`
        The rows of the table of positions.
    before : `int`
        Those that no token has.
    types : `int`
        The rows of the table of token types.
    """
    if marks.position is not None:
        return _at_position(marks, marks.position + before, positions, before)
    return _by_kind(marks, positions, types)


def _at_position(marks: TargetMarks, place: int, positions: int, before: int) -> Pointers:
    """
    A position has a direction of its own, which stays where the word at it is taken away.
    """
    places = torch.arange(positions)
    at, first = places == place, places == before
    score = {"target": GAP / POSITION}
    return Pointers(
        words={PRESENCE: torch.ones(len(marks.targets))},
        positions={
            "target": POSITION * at,
            "start": POSITION * (first & ~at),
            "position": POSITION * ~(at | first),
        },
        types={},
        targets=score,
        target=score,
        start={"start": GAP / POSITION},
        length=(1 + POSITION**2) ** 0.5,
    )


def _by_kind(marks: TargetMarks, positions: int, types: int) -> Pointers:
    """
    Words say whether they are targets, types which part they stand in; positions, all of one
    length, turn from one direction to another, so that earlier tokens score higher, or later ones.
    """
    part = marks.part
    order = SLOPE * torch.arange(positions) / positions
    words = {"target": marks.targets, "ordinary": marks.ordinary, "special": marks.special}
    # a target of the part, a target, another token of the part, another token, a special one
    ranks = (
        {"target": 2, "ordinary": 1} if part is None else {"target": 4, "ordinary": 2, "part": 1}
    )
    step = STEP * positions / (SLOPE * POSITION)
    far = STEP * positions + GAP
    target = {**_key(ranks, far), "order": step if marks.which == "last" else -step}
    return Pointers(
        words={
            PRESENCE: torch.ones(len(marks.targets)),
            **{name: KIND * marked for name, marked in words.items()},
        },
        positions={
            "order": POSITION * order,
            "position": POSITION * (1 - order**2).sqrt(),
        },
        types={} if part is None else _types(torch.arange(types) == part),
        targets=_key(ranks, GAP) if marks.which == "every" else target,
        target=target,
        start={"special": far / KIND, "order": -step},
        length=(1 + KIND**2 + POSITION**2 + (part is not None) * PART**2) ** 0.5,
    )


def _types(wanted: Tensor) -> Sizes:
    return {"part": PART * wanted, "other part": PART * ~wanted}


def _key(ranks: Mapping[str, int], gap: float) -> Key:
    """Scores that are `gap` apart for each rank. All sizes of kinds and parts are alike."""
    return {name: gap * rank / KIND for name, rank in ranks.items()}

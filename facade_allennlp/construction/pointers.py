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

PRESENCE, ABSENT = "presence", "absent"
"""Directions of words: that one is there, and what a word has instead that counts as none."""
IN_FRONT = "in front"
"""The direction of the position of a special token in front of all words."""
KIND = 0.5
"""How far a word goes along the direction of its kind, where it goes 1 along presence."""
NO_KIND = (1 + KIND**2) ** 0.5
"""How far a word goes along the direction of absence that has no kind."""
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
EARLY = 5.0
"""
So much larger are gaps where a token in front holds attention as long as there are no words: it
loses it to words of a fifth of their size.
"""
AT_ONE = 0.5
"""What is read at one target, of all that is read at targets."""


@dataclass(frozen=True)
class Pointers:
    """
    # Parameters

    words, positions, types : `Sizes`
        Of the tables; `types` is empty where token types do not matter.
    targets : `Key`
        Spreads attention over the best tokens, evenly or by their weights: all targets, or where
        there is none, all that are not special.
    target : `Key`
        Points at one of these.
    start, end : `Key`
        Point at two tokens beside the target: the first special token and the last one, or where a
        position is the target its neighbours.
    at_one : `float`
        How much is to be read at `target`; the rest is at `targets`.
    knows_neighbours : `bool`
        Whether the first layer tells each token of the next one.
    digits : `int`
        How many digits of positions the signal is made of, where tokens are chosen.
    """

    words: Sizes
    positions: Sizes
    types: Sizes
    targets: Key
    target: Key
    start: Key
    end: Key
    at_one: float = AT_ONE
    knows_neighbours: bool = False
    digits: int = 0

    @property
    def length(self) -> float:
        """That of the sum of a word, a position and a type; all are of one length."""
        tables = (self.words, self.positions, self.types)
        return sum(float(size[-1]) ** 2 for sizes in tables for size in sizes.values()) ** 0.5


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
    return _by_kind(marks, positions, before, types)


def _at_position(marks: TargetMarks, place: int, positions: int, before: int) -> Pointers:
    """
    A position has a direction of its own, which stays where the word at it is taken away.
    """
    places = torch.arange(positions)
    beside = [other for other in (place - 1, place + 1, place + 2) if other >= before]
    told = {"target": place, "start": beside[0], "end": beside[1]}
    marked = {name: places == own for name, own in told.items()}
    marked["position"] = ~sum(marked.values(), torch.zeros(positions, dtype=torch.bool))
    keys = {name: {name: GAP / POSITION} for name in told}
    return Pointers(
        words=_present(~marks.absent),
        positions={name: POSITION * own for name, own in marked.items()},
        types={},
        targets=keys["target"],
        target=keys["target"],
        start=keys["start"],
        end=keys["end"],
    )


def _by_kind(marks: TargetMarks, positions: int, before: int, types: int) -> Pointers:
    """
    Words say whether they are targets, types which part they stand in; positions, all of one
    length, turn from one direction to another, so that earlier tokens score higher, or later ones.

    Where words fade, so do their kinds, and at last positions alone are left. Attention then goes
    to the special token in front, which is no word.
    """
    part, last = marks.part, marks.which == "last"
    present = ~(marks.absent | marks.front)
    kinds = {"target": marks.targets, "ordinary": marks.ordinary, "special": marks.special}
    places = torch.arange(positions)
    in_front = (places == before) & marks.front.any()
    order = SLOPE * places / positions * ~in_front
    # a target of the part, a target, another token of the part, another token, a special one
    ranks = (
        {"target": 2, "ordinary": 1} if part is None else {"target": 4, "ordinary": 2, "part": 1}
    )
    step = STEP * positions / (SLOPE * POSITION)
    far = STEP * positions + GAP

    weights, weighing, at_one = _weights(marks)
    even = {**_key(ranks, EARLY * GAP, GAP), **weighing}
    first = {**_key(ranks, far, GAP), "order": -step}
    best = {**_key(ranks, EARLY * far, far), "order": step} if last else first
    return Pointers(
        words={
            **_present(present, NO_KIND),
            **{name: KIND * (marked & present) for name, marked in kinds.items()},
            **weights,
        },
        positions={
            "order": POSITION * order,
            IN_FRONT: POSITION * in_front,
            "position": POSITION * ((1 - order**2).sqrt() * ~in_front),
        },
        types={} if part is None else _types(torch.arange(types) == part),
        targets=even if marks.which == "every" else best,
        target=best,
        start={"special": far / KIND, IN_FRONT: 2 * far / POSITION, "order": -step},
        end={"special": far / KIND, "order": step},
        at_one=at_one,
    )


def _present(there: Tensor, absent: float = 1.0) -> Sizes:
    return {PRESENCE: there.double(), ABSENT: absent * ~there}


def _types(wanted: Tensor) -> Sizes:
    return {"part": PART * wanted, "other part": PART * ~wanted}


def _key(ranks: Mapping[str, int], gap: float, in_front: float) -> Key:
    """
    Scores that are `gap` apart for each rank, and `in_front` for the position in front as long as
    there is no word at it. All sizes of kinds and parts are alike.
    """
    return {
        **{name: gap * rank / KIND for name, rank in ranks.items()},
        IN_FRONT: in_front / POSITION,
        ABSENT: -(in_front + gap) / NO_KIND,
    }


def _weights(marks: TargetMarks) -> tuple[Sizes, Key, float]:
    """
    What words have, and what a key gets of it, where targets have weights: attention goes by their
    logarithms. And how much is read at one target alone.
    """
    if marks.weights is None:
        return {}, {}, AT_ONE
    logarithms = marks.weights.log()  # 0 where a token is no target
    largest = max(float(logarithms.abs().max()), 1.0)
    turned = logarithms / largest
    sizes = {"weight": KIND * turned, "no weight": KIND * (1 - turned**2).sqrt()}
    return sizes, {"weight": largest / KIND}, 0.0

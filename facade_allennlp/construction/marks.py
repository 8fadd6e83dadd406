"""What a target comes down to for a network that sees one token at a time: marks and an order."""

import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Optional

import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor

from facade_allennlp.construction.text_form import Frame, TextForm
from facade_allennlp.targets import TokenTarget
from facade_allennlp.targets.token_target import SEGMENTS

TEXTS = 60
"""On so many random texts the marks are compared with what the target says itself."""
ALIKE = 3
"""The order of a target is read off a text of so many words alike."""

FURTHEST = 1e6
"""Between the weights of words."""


@dataclass(frozen=True)
class TargetMarks:
    """
    What a network has to know of a target.

    # Parameters

    targets, ordinary : `Tensor`
        The tokens that are targets by themselves, and the others that are no special tokens.
        Boolean, each of shape (tokens of the vocabulary,).
    which : `str`
        Of the targets in a text: `every`, `first` or `last`.
    part : `int`, optional
        The part of a pair of texts that alone counts.
    position : `int`, optional
        Where the target stands in every text, if it does.
    left_out : `tuple[str, ...]`
        Words that the target names and that no token stands for by itself: they are not marked.
    front : `Tensor`
        The special tokens in front of all texts, where others stand behind. Boolean, as `targets`.
    absent : `Tensor`
        Tokens that shall count as no word. Boolean, as `targets`.
    pieces : `Tensor`
        Tokens that continue a word, so that the one before them is no word by itself. Boolean, as
        `targets`.
    weights : `Tensor`, optional
        The weight of each target, and 1 for other tokens; `None` where all are alike. Shape: as
        `targets`.
    """

    targets: Tensor
    ordinary: Tensor
    which: str
    part: Optional[int]
    position: Optional[int]
    left_out: tuple[str, ...]
    front: Tensor
    absent: Tensor
    pieces: Tensor
    weights: Optional[Tensor] = None

    @property
    def special(self) -> Tensor:
        """The other tokens. Boolean, of shape (tokens of the vocabulary,)."""
        return ~(self.targets | self.ordinary)

    def by_order(self) -> Optional["TargetMarks"]:
        """
        The same for a network that cannot tell the parts of a pair: the first target of a text is
        in its first part if there is one in it, and the last in the last. `None` where that does
        not lead to the targets.
        """
        if self.position is not None or self.part is None:
            return self
        side = "last" if self.part else "first"
        return replace(self, part=None, which=side) if self.which in ("every", side) else None

    def best(self, parts: Sequence[Sequence[int]]) -> list[int]:
        """The tokens of a text that the network points at, counted as `TextForm.chosen` does."""
        places = [(part, index) for part, ids in enumerate(parts) for index in ids]
        ranks = [
            (bool(self.targets[index]), bool(self.ordinary[index]), part == self.part)
            for part, index in places
        ]
        best = [place for place, rank in enumerate(ranks) if rank == max(ranks)]
        return {"every": best, "first": best[:1], "last": best[-1:]}[self.which]


def read_target(
    target: TokenTarget, form: TextForm, rows: int, absent: Collection[str] = ()
) -> TargetMarks:
    """
    Asks a target about the tokens of a vocabulary one by one, about texts of one word alike, and
    last about random texts, whether that tells all of it.

    >>> read_target(StopWords(), form, rows=30522).which
    'every'

    # Parameters

    target : `TokenTarget`
    form : `TextForm`
    rows : `int`
        Of the table of embeddings.
    absent : `Collection[str]`, optional (default = none)
        Tokens that shall count as no word.

    # Raises

    `ConfigurationError` : no token is a target; the target goes by more than words, their order
        and the part of a pair that they stand in; it wants a part, and the reader joins no pairs;
        a token that shall be absent is none.
    """
    part, parts = _part(target, form)
    frame = form.bare(parts)

    def chosen(ids: Sequence[int]) -> list[int]:
        """The places of targets in a text, or in each part of a pair alike."""
        return form.chosen(target, frame, [ids] * parts)

    pieces = {i for i in form.ordinary if form.spelling.begins(form.tokens[i]) is False}
    hits = {index: bool(chosen([index])) for index in form.ordinary if index not in pieces}
    # A piece by itself may spell a target that no text spells with it: [film, ##s] holds no "s".
    before = next((index for index in form.words if not hits[index]), None)
    for index in pieces:
        # Where all words are targets, it is not words that the target goes by.
        hits[index] = before is None or any(place % 2 for place in chosen([before, index]))
    targets, ordinary = (
        _marked((index for index, hit in hits.items() if hit is wanted), rows)
        for wanted in (True, False)
    )
    words = [index for index in form.words if hits[index]] or [i for i in hits if hits[i]][:1]
    if not words:
        raise ConfigurationError(
            f"no facade can be constructed for {_named(target)}: none of its words is in the "
            "predictive model's vocabulary as one token"
        )
    if parts > 1:
        part = _only_part(chosen([words[0]]), part)
    which = _which(chosen([words[0]] * ALIKE), part, target)
    position = None
    if which == "first" and not part and not ordinary.any():
        position = len(form.single.around[0])
    own = getattr(target, "words", ())
    alone = {form.spelling.text(form.tokens[index]).lower() for index in words}
    left_out = tuple(sorted(set(own) - alone))
    front, absent_tokens = _marked(form.front, rows), _marked(ids_of(absent, form), rows)
    if not (targets & ~absent_tokens).any():
        raise ConfigurationError(
            f"no facade can be constructed for {_named(target)}: all its words count as absent"
        )
    weights = _weights(target, form, frame, before, hits, rows) if target.weighted else None
    # Where all words are targets, pieces are none the less.
    joined = () if before is None else _joined(form, lambda index: 0 in chosen([words[0], index]))
    marks = TargetMarks(
        targets,
        ordinary,
        which,
        part,
        position,
        left_out,
        front,
        absent_tokens,
        _marked(joined, rows),
        weights,
    )
    _check(marks, target, form, parts)
    return marks


def _joined(form: TextForm, stays: Callable[[int], bool]) -> list[int]:
    """Tokens behind which a word is no target any more; those that begin words are not asked."""
    asked = (i for i in form.ordinary if form.spelling.begins(form.tokens[i]) is not True)
    return [index for index in asked if not stays(index)]


def ids_of(tokens: Collection[str], form: TextForm) -> list[int]:
    """
    # Raises

    `ConfigurationError` : one is not in the vocabulary, or stands in every text.
    """
    unknown = [token for token in tokens if token not in form.ids]
    if unknown:
        raise ConfigurationError(
            f"{unknown[0]!r} is no token of the predictive model, so that it cannot count as absent"
        )
    everywhere = [token for token in tokens if form.ids[token] in form.around]
    if everywhere:
        raise ConfigurationError(
            f"{everywhere[0]!r} stands in every text, so that it cannot count as absent"
        )
    return [form.ids[token] for token in tokens]


def _marked(ids: Iterable[int], rows: int) -> Tensor:
    chosen = torch.tensor(list(ids), dtype=torch.long)
    return torch.zeros(rows, dtype=torch.bool).index_fill(0, chosen, True)


def _weights(
    target: TokenTarget,
    form: TextForm,
    frame: Frame,
    before: Optional[int],
    hits: Mapping[int, bool],
    rows: int,
) -> Tensor:
    """
    The weight of each target, where the largest is 1, and 1 for other tokens. Shape: (rows,).

    # Raises

    `ConfigurationError` : weights are too far apart.
    """
    weights = torch.zeros(rows, dtype=torch.float64)
    for index in (index for index, hit in hits.items() if hit):
        begins = form.spelling.begins(form.tokens[index]) is not False
        text = [index] if begins or before is None else [before, index]
        sequence = form.sequence(target, frame, [text] * frame.parts)
        weights[index] = target.weights(sequence, target.positions(sequence))[-1]
    largest, smallest = float(weights.max()), float(weights[weights > 0].min())
    if largest / FURTHEST > smallest:
        raise ConfigurationError(
            f"the weights {largest:g} and {smallest:g} are too far apart: beside the one the other "
            f"would have less than {1 / FURTHEST:g} of an attribution"
        )
    return torch.where(weights > 0, weights / largest, 1.0)


def _part(target: TokenTarget, form: TextForm) -> tuple[Optional[int], int]:
    """The part of a text that a target is restricted to, and how many parts to ask it about."""
    if target.field not in SEGMENTS:
        return None, 1
    if form.pair is None:
        raise ConfigurationError(
            f"{_named(target)} wants the part {target.field!r} of a pair of texts, but this model "
            "reads no pairs in one field"
        )
    return SEGMENTS[target.field], 2


def _only_part(places: list[int], part: Optional[int]) -> Optional[int]:
    return part if places == [part] else None


def _which(places: list[int], part: Optional[int], target: TokenTarget) -> str:
    start = ALIKE * (part or 0)
    known = {
        "every": list(range(start, start + ALIKE)),
        "first": [start],
        "last": [start + ALIKE - 1],
    }
    which = next((name for name, expected in known.items() if places == expected), None)
    if which is None:
        raise ConfigurationError(
            f"no facade can be constructed for {_named(target)}: of {ALIKE} words alike it chooses "
            f"those at {places}, and known are every one, the first, and the last"
        )
    return which


def _check(marks: TargetMarks, target: TokenTarget, form: TextForm, parts: int) -> None:
    """Whether the marks choose targets, in texts of tokens that are words by themselves."""
    draw = random.Random(0)
    words = form.words
    some = [index for index in words if marks.targets[index]]
    frame = form.bare(parts)
    for _ in range(TEXTS):
        texts = [
            [draw.choice(draw.choice([words, some or words])) for _ in range(draw.randint(1, 6))]
            for _ in range(parts)
        ]
        expected = form.chosen(target, frame, texts)
        if expected and not set(marks.best(texts)) <= set(expected):
            raise ConfigurationError(
                f"no facade can be constructed for {_named(target)}: which tokens it chooses "
                "depends on more than the words themselves, their order, and the part of a pair"
            )


def _named(target: TokenTarget) -> str:
    return f"the target {type(target).__name__}"

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Kept = tuple[int, ...]
"""The positions, in the original text, of the tokens that a shortened text keeps, ascending."""


@dataclass
class View:
    """
    What a model makes of a text.

    # Parameters

    shares : `Sequence[float]`
        The share of the attribution of each of its tokens.
    predicted : `Sequence[Any]`
        What it decides, for each of its outputs.
    """

    shares: Sequence[float]
    predicted: Sequence[Any]


class ReductionSearch:
    """
    The beam search of `InputReduction` on one text: which tokens to drop next, and which of the
    texts that were tried go on. It runs no model.

    # Parameters

    whole : `View`
        Of the text as it is.
    attackable : `Sequence[int]`
        The positions of the tokens that may be dropped.
    beam_size : `int`
    same : `Callable[[Sequence[Any], Sequence[Any]], bool]`
        Whether two predictions are the same.
    in_original : `Callable[[Sequence[Any], Kept], list[Any]]`, optional
        From a prediction on the tokens that are kept to one on the original text, where predictions
        are positions in it.
    """

    def __init__(
        self,
        whole: View,
        attackable: Sequence[int],
        beam_size: int,
        same: Callable[[Sequence[Any], Sequence[Any]], bool],
        in_original: Callable[[Sequence[Any], Kept], list[Any]] = lambda choice, kept: list(choice),
    ) -> None:
        self.attackable = frozenset(attackable)
        self.beam_size = beam_size
        self.same = same
        self._in_original = in_original
        self.best: Kept = tuple(range(len(whole.shares)))
        """The shortest text so far whose prediction holds."""
        self._beam = {self.best: whole.shares}
        self.prediction = in_original(whole.predicted, self.best)
        """That has to hold."""
        self._proposed: list[Kept] = []
        self._held: dict[Kept, Sequence[float]] = {}

    def proposals(self) -> list[Kept]:
        """The texts to try next, each one token shorter; none at the end of the search."""
        lowest: dict[Kept, tuple[float, int]] = {}
        for kept, shares in self._beam.items():
            droppable = [entry for entry in zip(shares, kept) if entry[1] in self.attackable]
            for share, position in sorted(droppable)[: self.beam_size if len(droppable) > 1 else 0]:
                shorter = tuple(i for i in kept if i != position)
                lowest[shorter] = min((share, position), lowest.get(shorter, (share, position)))
        ranked = sorted(lowest, key=lambda kept: (lowest[kept], kept))
        self._proposed = ranked[: self.beam_size]
        return self._proposed

    def tried(self, kept: Kept, view: View) -> None:
        """Takes what the model made of a proposal."""
        if self.same(self._in_original(view.predicted, kept), self.prediction):
            self._held[kept] = view.shares

    def advance(self) -> None:
        """Goes on with the proposals whose prediction held, once all have been tried."""
        self._beam = {kept: self._held[kept] for kept in self._proposed if kept in self._held}
        self._held = {}
        self.best = next(iter(self._beam), self.best)

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
    chooses_tokens : `bool`
        Whether predictions are positions in this text, so that they move with its tokens.
    """

    def __init__(
        self,
        whole: View,
        attackable: Sequence[int],
        beam_size: int,
        same: Callable[[Sequence[Any], Sequence[Any]], bool],
        chooses_tokens: bool = False,
    ) -> None:
        self.attackable = frozenset(attackable)
        self.beam_size = beam_size
        self.same = same
        self.chooses_tokens = chooses_tokens
        self.best: Kept = tuple(range(len(whole.shares)))
        """The shortest text so far whose prediction holds."""
        self._beam = {self.best: whole.shares}
        self._prediction = self._in_original(self.best, whole.predicted)
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
        if self.same(self._in_original(kept, view.predicted), self._prediction):
            self._held[kept] = view.shares

    def advance(self) -> None:
        """Goes on with the proposals whose prediction held, once all have been tried."""
        self._beam = {kept: self._held[kept] for kept in self._proposed if kept in self._held}
        self._held = {}
        self.best = next(iter(self._beam), self.best)

    def _in_original(self, kept: Kept, predicted: Sequence[Any]) -> list[Any]:
        return [kept[p] for p in predicted] if self.chooses_tokens else list(predicted)

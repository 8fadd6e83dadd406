"""Two clusters of units, found in the weights between them."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from facade_allennlp.audit.links import Body, Link

TINY = 1e-30
NOISE = 1e-3
"""Squares of weights beside others that are so much larger count as none."""
ROUNDS = 4
"""How often units are looked at again, given where the others are."""


@dataclass
class Partition:
    """
    The units of a body in two parts.

    # Parameters

    leaning : `dict[str, Tensor]`
        By axis, above 0 for the units of the second part, which is the smaller one: how far each
        unit's weights are in that part and not in the first, from -1 to 1. Each of shape (units,).
    between : `float`
        How much of the weights (squares) that touch the part with fewer of them lies between the
        parts: 0 for two networks, some half for a single one.
    affinity : `Tensor`
        The strongest direction of the affinity of the hub's units. Shape: (units,).
    spectrum : `Tensor`
        The eigenvalues of the affinity, the largest first. Shape: (units,).
    """

    leaning: dict[str, Tensor]
    between: float
    affinity: Tensor
    spectrum: Tensor

    @property
    def second(self) -> dict[str, Tensor]:
        """By axis, true for the units of the second part. Each of shape (units,)."""
        return {axis: leaning > 0 for axis, leaning in self.leaning.items()}


def partition(body: Body) -> Partition:
    """
    Looks for two parts that have next to no weights between them. First the units of the hub are
    sorted by the pattern of magnitudes that they share, balanced by rows and columns, so that
    neither scale nor sign matters (the strongest eigenvector of their affinity); then those of all
    axes by the part that they have more weight with, round after round.
    """
    links = body.links
    sizes = {}
    for link in links:
        sizes[link.into], sizes[link.out_of] = link.size.shape
    affinity = _affinity(links, body.hub, sizes[body.hub])
    spectrum, directions = torch.linalg.eigh(affinity)
    strongest = directions[:, -1]
    leaning = {body.hub: strongest}
    for _ in range(ROUNDS):
        for axis in sizes:
            votes = [vote for link in links for vote in _votes(link, axis, leaning)]
            if votes:
                leaning[axis] = torch.stack(votes).mean(dim=0)
    if float((leaning[body.hub] > 0).double().mean()) > 0.5:
        leaning = {axis: -values for axis, values in leaning.items()}
    found = Partition(leaning, 1.0, strongest, spectrum.flip(0).clamp_min(0))
    found.between = _between(links, found.second)
    return found


def _affinity(links: list[Link], hub: str, units: int) -> Tensor:
    """Of the units of the hub, by all links that touch it. Shape: (units, units)."""
    total = torch.zeros(units, units, dtype=links[0].size.dtype)
    for link in links:
        for size, axis in ((link.size, link.into), (link.size.T, link.out_of)):
            if axis == hub:
                total += _shared(size)
    return total.fill_diagonal_(0)


def _shared(size: Tensor) -> Tensor:
    """Correlation of the rows' patterns, balanced. Shape: (rows, rows)."""
    pattern = size
    for dim in (1, 0, 1):
        pattern = pattern / (pattern.mean(dim=dim, keepdim=True) + TINY)
    pattern = pattern - pattern.mean(dim=1, keepdim=True)
    pattern = pattern - pattern.mean(dim=0, keepdim=True)
    pattern = pattern / (pattern.norm(dim=1, keepdim=True) + TINY)
    return pattern @ pattern.T


def _votes(link: Link, axis: str, leaning: dict[str, Tensor]) -> Iterator[Tensor]:
    """
    For each side of a link that lies on an axis, where the parts of the other side are known, how
    much more of the second part's weights a unit has than of the first part's: from -1 to 1. Each
    of shape (units,).
    """
    for size, own, other in (
        (link.size, link.into, link.out_of),
        (link.size.T, link.out_of, link.into),
    ):
        if own == axis and other in leaning:
            second = leaning[other] > 0
            square = size.square()
            # Each partner counts alike, however large its weights are, unless they are noise.
            partners = square.sum(dim=0, keepdim=True)
            square = square / (partners + NOISE * partners.mean() + TINY)
            parts = [square[:, ~second].sum(dim=1), square[:, second].sum(dim=1)]
            # So that the larger part does not draw all units to it.
            least = NOISE * square.sum() + TINY
            first, last = (part / (part.sum() + least) for part in parts)
            most = (first + last).mean()
            yield (last - first) / (last + first + NOISE * most + TINY)


def _between(links: list[Link], second: dict[str, Tensor]) -> float:
    """See `Partition`."""
    inside, across = [0.0, 0.0], 0.0
    for link in links:
        square = link.size.square()
        square = square / (square.sum() + TINY)
        into, out_of = second[link.into], second[link.out_of]
        inside[0] += float(square[~into][:, ~out_of].sum())
        inside[1] += float(square[into][:, out_of].sum())
        across += float(square[into][:, ~out_of].sum() + square[~into][:, out_of].sum())
    if min(inside) < NOISE:
        return 1.0  # one of them is no network
    return across / (2 * min(inside) + across)

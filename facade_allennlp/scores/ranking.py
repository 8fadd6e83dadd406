"""Tokens in the order of their scores."""

from collections.abc import Sequence

import numpy
from scipy.stats import rankdata


def highest_first(scores: Sequence[float]) -> list[int]:
    """The positions of scores, the highest first; of equal ones the leftmost."""
    return sorted(range(len(scores)), key=lambda position: -scores[position])


def rank_correlations(rankings: Sequence[Sequence[float]]) -> list[list[float]]:
    """
    Spearman's rank correlation of each pair of rankings of the same things, ties with their mean
    rank; 0 where one of the two ranks all alike.

    # Returns

    `list[list[float]]` : shape (rankings, rankings).
    """
    ranks = rankdata(numpy.asarray(rankings, dtype=float), axis=1)
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    lengths = numpy.sqrt((centred**2).sum(axis=1, keepdims=True))
    unit = numpy.divide(centred, lengths, out=numpy.zeros_like(centred), where=lengths > 0)
    return (unit @ unit.T).tolist()

"""How far a mean may be off, as its sample is small."""

from collections.abc import Iterable
from typing import Optional

import numpy

LEVEL = 95
"""Percent of the samples whose means lie in an interval."""
DRAWS = 1000
BLOCK = 100
"""Samples that are drawn at once."""
SEED = 0


def interval(values: Iterable[float]) -> Optional[list[float]]:
    """
    The bootstrap interval of the mean of shares, or of truths, in percent: the middle 95 % of the
    means of 1,000 samples that are drawn from them with replacement (Efron 1979). The same values
    always give the same interval.

    >>> interval([1.0, 1.0, 1.0])
    [100.0, 100.0]

    # Returns

    `list[float]`, optional : its lower and its upper end; `None` without values.
    """
    numbers = numpy.fromiter(values, dtype=float)
    if not len(numbers):
        return None
    generator = numpy.random.default_rng(SEED)
    means = [
        numbers[generator.integers(len(numbers), size=(BLOCK, len(numbers)))].mean(axis=1)
        for _ in range(DRAWS // BLOCK)
    ]
    outside = (100 - LEVEL) / 2
    ends = numpy.percentile(numpy.concatenate(means), [outside, 100 - outside])
    return [round(100 * float(end), 2) for end in ends]

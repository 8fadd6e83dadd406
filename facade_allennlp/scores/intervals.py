"""How far a mean may be off, as its sample is small."""

import math
from collections.abc import Iterable, Sequence
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
    return scaled_interval(list(values))


def scaled_interval(
    values: Sequence[float], mean: Optional[float] = None, count: Optional[int] = None
) -> Optional[list[float]]:
    """
    The same where only a sample of the values is known: its interval, drawn together as that of a
    mean of more values is narrower, around their mean.

    # Parameters

    values : `Sequence[float]`
        The sample.
    mean : `float`, optional (default = that of the sample)
        Of all values.
    count : `int`, optional (default = those of the sample)
        How many all are.
    """
    numbers = numpy.asarray(values, dtype=float)
    if not len(numbers):
        return None
    generator = numpy.random.default_rng(SEED)
    means = [
        numbers[generator.integers(len(numbers), size=(BLOCK, len(numbers)))].mean(axis=1)
        for _ in range(DRAWS // BLOCK)
    ]
    outside = (100 - LEVEL) / 2
    ends = numpy.percentile(numpy.concatenate(means), [outside, 100 - outside])
    if mean is not None and count is not None and count > len(numbers):
        ends = mean + (ends - numbers.mean()) * math.sqrt(len(numbers) / count)
    return [round(100 * float(end), 2) for end in ends]

"""Sums that are put together of parts, and are the same whatever the parts are."""

import math
from collections.abc import Iterator
from typing import Optional

from facade_allennlp.scores.intervals import scaled_interval

Key = tuple[str, ...]
EXPONENT = 1074
"""Every finite float is a whole multiple of 2 to the power of minus this."""
SAMPLE = 10_000
"""The most values of a sum that are kept for its interval."""


class Sum:
    """
    An exact sum of numbers, and how many they are; on request with a sample of them, which is all
    of them while they are few, and else those whose numbers are multiples of a power of two.
    """

    def __init__(self) -> None:
        self.count = 0
        self._total = 0  # times 2 ** EXPONENT
        self._odd = 0.0
        """The sum of what is not finite."""
        self._sample: dict[int, float] = {}
        self._stride = 1

    def add(self, value: float, number: Optional[int] = None) -> None:
        """
        # Parameters

        number : `int`, optional
            That of the value's input, where it may be wanted for a sample.
        """
        self.count += 1
        if math.isfinite(value):
            numerator, denominator = value.as_integer_ratio()
            self._total += numerator << (EXPONENT + 1 - denominator.bit_length())
        else:
            self._odd += value
        if number is not None and number % self._stride == 0:
            self._sample[number] = float(value)
            self._thin()

    def merge(self, other: "Sum") -> None:
        self.count += other.count
        self._total += other._total
        self._odd += other._odd
        self._stride = max(self._stride, other._stride)
        self._sample |= other._sample
        self._keep_multiples()
        self._thin()

    def _thin(self) -> None:
        while len(self._sample) > SAMPLE:
            self._stride *= 2
            self._keep_multiples()

    def _keep_multiples(self) -> None:
        self._sample = {n: value for n, value in self._sample.items() if n % self._stride == 0}

    @property
    def total(self) -> float:
        return self._odd + self._total / (1 << EXPONENT)

    def mean(self, times: int = 1) -> Optional[float]:
        """That of `times` the values, rounded once; `None` of none."""
        if not self.count:
            return None
        return times * self._odd + times * self._total / (self.count << EXPONENT)

    @property
    def interval(self) -> Optional[list[float]]:
        """See `scores.intervals.interval`; of many values by their sample."""
        values = [self._sample[number] for number in sorted(self._sample)]
        return scaled_interval(values, self.mean(), self.count)


class Sums:
    """
    Sums by key.

    >>> sums = Sums()
    >>> sums.add(("gradient", "hit"), True)
    >>> sums.percent("gradient", "hit")
    100.0
    """

    def __init__(self) -> None:
        self._sums: dict[Key, Sum] = {}

    def add(self, key: Key, value: Optional[float], number: Optional[int] = None) -> None:
        """Of no value it is only known that there is such a key. `number` is as for `Sum.add`."""
        known = self._sums.setdefault(key, Sum())
        if value is not None:
            known.add(value, number)

    def merge(self, other: "Sums") -> None:
        for key, own in other._sums.items():
            self._sums.setdefault(key, Sum()).merge(own)

    def names(self, *before: str) -> list[str]:
        """What follows in the keys that begin so, in the order in which they came."""
        return list(dict.fromkeys(self._following(before)))

    def under(self, name: str) -> "Sums":
        """Those whose keys begin with a name, without it."""
        below = Sums()
        below._sums = {key[1:]: own for key, own in self._sums.items() if key[0] == name}
        return below

    def _following(self, before: Key) -> Iterator[str]:
        for key in self._sums:
            if len(key) > len(before) and key[: len(before)] == before:
                yield key[len(before)]

    def __getitem__(self, key: Key) -> Sum:
        """An empty one where there is none."""
        return self._sums.get(key, Sum())

    def total(self, *key: str) -> int:
        """How often something is true."""
        return round(self[key].total)

    def mean(self, *key: str) -> Optional[float]:
        """To two digits; `None` of none."""
        value = self[key].mean()
        return None if value is None else round(value, 2)

    def percent(self, *key: str) -> Optional[float]:
        """The mean of shares, or of truths, in percent."""
        value = self[key].mean(100)
        return None if value is None else round(value, 2)

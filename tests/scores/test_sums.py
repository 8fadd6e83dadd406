"""Sums are the same however they are put together."""

import math
import random
from fractions import Fraction

import pytest

from facade_allennlp.scores import sums as summing
from facade_allennlp.scores.intervals import interval
from facade_allennlp.scores.sums import Sum, Sums

CHANCE = random.Random(0)
VALUES = [CHANCE.uniform(-1, 1) * 10.0 ** CHANCE.randint(-12, 12) for _ in range(500)]
SHARES = [CHANCE.random() for _ in range(500)]


def summed(values: list[float], parts: int, sampled: bool = True) -> Sum:
    """In so many parts, each of which is summed up by itself."""
    places = sorted(CHANCE.sample(range(1, len(values)), parts - 1))
    whole = Sum()
    for first, last in zip([0, *places], [*places, len(values)]):
        part = Sum()
        for number in range(first, last):
            part.add(values[number], number if sampled else None)
        whole.merge(part)
    return whole


def test_the_mean_is_that_of_fractions_whatever_the_parts_are() -> None:
    exact = sum(map(Fraction, VALUES)) / len(VALUES)
    for parts in (1, 2, 7, 400):
        whole = summed(VALUES, parts)
        assert whole.mean() == float(exact)
        assert whole.total == float(exact * len(VALUES))
        assert whole.count == len(VALUES)


def test_truths_and_shares_are_counted_in_percent_to_two_digits() -> None:
    sums = Sums()
    for number in range(7):
        sums.add(("hit",), number < 2)
        sums.add(("none",), None)
    assert sums.percent("hit") == 28.57
    assert (sums.total("hit"), sums["hit",].count) == (2, 7)
    assert sums.percent("none") is None
    assert sums.mean("never") is None
    assert sums.names() == ["hit", "none"]


@pytest.mark.parametrize("odd", [math.inf, math.nan])
def test_what_is_not_finite_is_told(odd: float) -> None:
    whole = summed([1.0, odd, 2.0], 2)
    assert str(whole.mean()) == str(odd)


def test_the_interval_of_few_values_is_theirs() -> None:
    assert summed(SHARES, 5).interval == interval(SHARES)
    assert Sum().interval is None


def test_the_interval_of_many_values_is_that_of_a_bounded_sample_around_their_mean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exact = interval(SHARES)
    monkeypatch.setattr(summing, "SAMPLE", 100)
    samples = [summed(SHARES, parts) for parts in (1, 3, 200)]
    assert {len(one._sample) for one in samples} == {500 // 8 + 1}  # of 500 each eighth
    (found,) = {tuple(one.interval or ()) for one in samples}
    assert exact is not None
    assert found == pytest.approx(exact, abs=1)  # of some 5 percent

"""Bootstrap intervals against what is known of means."""

import numpy
import pytest

from facade_allennlp.scores.intervals import interval


def test_a_mean_of_truths_is_as_far_off_as_the_binomial_distribution_says() -> None:
    low, high = interval([True] * 120 + [False] * 80) or (0, 0)
    spread = 1.96 * (0.6 * 0.4 / 200) ** 0.5
    assert [low, high] == pytest.approx([100 * (0.6 - spread), 100 * (0.6 + spread)], abs=1)


def test_nine_of_ten_intervals_and_more_hold_what_samples_are_drawn_from() -> None:
    generator = numpy.random.default_rng(3)
    held = [
        low <= 50 <= high
        for low, high in (interval(generator.random(60)) or (0, 0) for _ in range(60))
    ]
    assert 0.88 < sum(held) / len(held) <= 1


def test_edges() -> None:
    assert interval([]) is None
    assert interval([1.0] * 7) == [100.0, 100.0]
    assert interval([0.25]) == [25.0, 25.0]
    assert interval([0.1, 0.9]) == interval([0.1, 0.9])

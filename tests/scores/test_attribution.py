"""Eq. 1, mean attribution and P@1: by formula, and the same for tensors, arrays and records."""

import math
import random

import numpy
import pytest
import torch

from facade_allennlp.scores.attribution import normalize, normalized, on_target, share_and_hit

RAW = [[1.0, -3.0, 4.0, 9.0], [0.0, 0.0, 0.0, 0.0], [2.0, math.nan, 1.0, 0.0], [-5.0, 5.0, 0, 1.0]]
MASK = [[True, True, True, False], [True] * 4, [True] * 4, [True, True, False, False]]
EXPECTED = [[1 / 8, 3 / 8, 4 / 8, 0], [0] * 4, [0] * 4, [0.5, 0.5, 0, 0]]


@pytest.mark.parametrize("array", [numpy.array, torch.tensor])
def test_shares_are_magnitudes_over_their_sum_over_real_tokens(array) -> None:
    shares = normalize(array(RAW), array(MASK))
    assert shares.tolist() == EXPECTED


def test_the_gradient_is_that_of_the_formula() -> None:
    raw = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2, [True] * 5])

    def shares(values: torch.Tensor) -> torch.Tensor:
        return normalize(values, mask)

    assert torch.autograd.gradcheck(shares, raw)
    assert torch.autograd.gradgradcheck(shares, raw)


def test_scores_that_are_all_zero_give_no_gradient_that_is_no_number() -> None:
    raw = torch.zeros(1, 3, requires_grad=True)
    normalize(raw, torch.ones(1, 3, dtype=torch.bool)).sum().backward()
    assert raw.grad is not None
    assert raw.grad.isfinite().all()


@pytest.mark.parametrize("array", [numpy.array, torch.tensor])
def test_target_tokens_have_a_share_and_are_hit_or_not(array) -> None:
    targets = [[False, False, True, False], [True] * 4, [False] * 4, [False, True, False, False]]
    scores = on_target(array(EXPECTED), array(targets))
    assert scores.attribution.tolist() == [0.5, 0, 0, 0.5]
    # The second has no attribution; of the last one's two highest tokens the leftmost counts.
    assert scores.hit.tolist() == [True, False, False, False]
    assert scores.has_target.tolist() == [True, True, False, True]


def test_one_input_of_a_record_is_a_batch_of_one() -> None:
    generator = random.Random(0)
    for _ in range(50):
        raw = [generator.uniform(-2, 2) for _ in range(generator.randint(1, 12))]
        positions = generator.sample(range(len(raw)), generator.randint(1, len(raw)))
        total = sum(map(abs, raw))
        shares = [abs(score) / total for score in raw]
        assert normalized(raw) == pytest.approx(shares)
        share, hit = share_and_hit(shares, positions)
        assert share == pytest.approx(sum(shares[position] for position in positions))
        assert hit == (shares.index(max(shares)) in positions)
    assert normalized([]) == []
    assert normalized([math.inf, 1.0]) == [0.0, 0.0]
    assert normalized([1e308, 1e308, 1e308]) == [0.0, 0.0, 0.0], "their sum is not finite"

import pytest

from facade_allennlp.scores.ranking import rank_correlations


def test_spearman_by_the_differences_of_ranks() -> None:
    """1 - 6 Σ d² / (n (n² - 1)), without ties."""
    first, second = [0.1, 0.9, 0.3, 0.7, 0.5], [5, 3, 1, 4, 2]
    # ranks 1 5 2 4 3 and 5 3 1 4 2: d² = 16 + 4 + 1 + 0 + 1
    expected = 1 - 6 * 22 / (5 * 24)
    found = rank_correlations([first, second])
    assert found[0][1] == pytest.approx(expected)
    assert found[0][1] == found[1][0]
    assert found[0][0] == pytest.approx(1)


def test_ties_share_their_mean_rank() -> None:
    # ranks 1.5 1.5 3 and 1 2 3: covariance 1.5, deviations √1.5 and √2
    found = rank_correlations([[0, 0, 1], [1, 2, 3]])
    assert found[0][1] == pytest.approx(1.5 / (1.5**0.5 * 2**0.5))


def test_nothing_goes_with_what_ranks_all_alike() -> None:
    assert rank_correlations([[1, 1, 1], [1, 2, 3]])[0] == [0, 0]

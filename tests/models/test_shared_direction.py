"""A facade's words share one vector: the table is that vector, and noise of its own for each."""

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.nn import Initializer

from facade_allennlp.models import SharedDirection


def test_without_noise_all_words_are_the_same_vector_of_the_given_length() -> None:
    table = torch.ones(9, 16, dtype=torch.double)
    SharedDirection(norm=0.7, std=0.0)(table)
    assert (table == table[0]).all()
    assert float((table[0] ** 2).sum()) == pytest.approx(0.7**2)


def test_noise_has_the_given_deviation_and_is_each_words_own() -> None:
    words, features, std = 4000, 8, 0.02
    table = torch.zeros(words, features, dtype=torch.double)
    SharedDirection(norm=0.5, std=std)(table)
    shared = table.mean(dim=0)
    # The mean of the noise is std / sqrt(words) in each entry: some 0.0009 in all.
    assert float(shared.norm()) == pytest.approx(0.5, abs=0.005)
    noise = table - shared
    assert float(noise.square().mean().sqrt()) == pytest.approx(std, rel=0.02)
    covariance = noise.T @ noise / words
    assert covariance.fill_diagonal_(0).abs().max() < 0.1 * std**2
    neighbours = (noise[1:] * noise[:-1]).mean()
    assert abs(float(neighbours)) < 0.05 * std**2


def test_the_vector_is_drawn_at_random() -> None:
    directions = []
    for seed in range(2):
        torch.manual_seed(seed)
        table = torch.empty(3, 64)
        Initializer.from_params(Params({"type": "shared_direction", "norm": 1.0, "std": 0.0}))(
            table
        )
        directions.append(table[0])
    assert abs(float(directions[0] @ directions[1])) < 0.5
    assert float(directions[0].mean()) == pytest.approx(0, abs=0.1)  # no entry is preferred


@pytest.mark.parametrize("settings", [{"norm": -1.0}, {"std": float("nan")}])
def test_numbers_out_of_their_range(settings: dict[str, float]) -> None:
    ((name, value),) = settings.items()
    with pytest.raises(ConfigurationError, match=f"^{name} of .* is {value}, but must be"):
        SharedDirection(**settings)

import random
from collections.abc import Callable

import pytest
import torch

from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.attribution.like_lengths import (
    MOST_PADDING,
    ON_CPU,
    PassBudget,
    budget_on,
    parts_of_like_length,
)
from fixtures import build

RANDOM = random.Random(0)
LENGTHS = [(RANDOM.randint(1, 60),) for _ in range(100)]
PAIRS = [(RANDOM.randint(1, 40), RANDOM.randint(1, 20)) for _ in range(60)]


def _padding(parts: list[list[int]], rows: Callable[[int], int] = lambda tokens: 1) -> float:
    """What padding adds to the tokens, by definition."""
    real = computed = 0
    for part in parts:
        widest = max(LENGTHS[index][0] for index in part)
        computed += sum(rows(widest) * widest for _ in part)
        real += sum(rows(LENGTHS[index][0]) * LENGTHS[index][0] for index in part)
    return computed / real - 1


@pytest.mark.parametrize("tokens", [1, 64, 1024, 10**6])
@pytest.mark.parametrize("lengths", [LENGTHS, PAIRS])
def test_parts_hold_every_input_once_and_fit_in_a_pass(
    lengths: list[tuple[int, ...]], tokens: int
) -> None:
    parts = parts_of_like_length(lengths, PassBudget(tokens, ON_CPU.spares))
    assert sorted(index for part in parts for index in part) == list(range(len(lengths)))
    for part in parts:
        width = sum(max(of_text) for of_text in zip(*(lengths[index] for index in part)))
        assert len(part) == 1 or len(part) * width <= tokens


@pytest.mark.parametrize("rows", [lambda tokens: 1, lambda tokens: 50, lambda tokens: tokens])
def test_padding_adds_little_and_rows_of_like_length_go_together(
    rows: Callable[[int], int],
) -> None:
    parts = parts_of_like_length(LENGTHS, ON_CPU, rows_per_input=rows)
    assert 0 < _padding(parts, rows) <= MOST_PADDING or len(parts) == len(set(LENGTHS))
    assert len(parts) <= len(set(LENGTHS))


def test_an_accelerator_takes_as_many_as_fit() -> None:
    lengths = [(length,) for length in (40, 9, 22, 31)]
    budget = budget_on(torch.device("cuda"))
    assert parts_of_like_length(lengths, budget) == [[0, 3, 2, 1]]
    assert budget.tokens > budget_on(torch.device("cpu")).tokens


def test_a_part_holds_no_more_than_its_size() -> None:
    parts = parts_of_like_length([(5,)] * 7, ON_CPU, size=lambda rows: min(3, rows))
    assert parts == [[0, 1, 2], [3, 4, 5], [6]]


def test_parts_may_keep_the_order() -> None:
    lengths = [(4,), (4,), (30,), (30,), (4,)]
    assert parts_of_like_length(lengths, ON_CPU) == [[2, 3], [0, 1, 4]]
    assert parts_of_like_length(lengths, ON_CPU, in_order=True) == [[0, 1], [2, 3], [4]]


def test_the_user_says_how_many_tokens_a_pass_holds() -> None:
    model, _, _ = build()
    assert ExplainedModel(model).max_batch_tokens == ON_CPU.tokens
    assert ExplainedModel(model, max_batch_tokens=7).budget == PassBudget(7, ON_CPU.spares)

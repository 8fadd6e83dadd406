import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, pairwise

import pytest
import torch

from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.attribution.like_lengths import (
    ON_CPU,
    PassBudget,
    budget_on,
    parts_of_like_length,
)
from fixtures import build

RANDOM = random.Random(0)
LENGTHS = [(RANDOM.randint(1, 60),) for _ in range(100)]
PAIRS = [(RANDOM.randint(1, 40), RANDOM.randint(1, 20)) for _ in range(60)]


Rows = Callable[[int], int]


def _cost(parts: Iterable[Sequence[int]], budget: PassBudget, rows: Rows) -> float:
    """Tokens computed, and those that beginning a pass takes as long as, by definition."""
    cost = 0.0
    for part in parts:
        width = sum(max(texts) for texts in zip(*(PAIRS[index] for index in part)))
        if len(part) > max(1, budget.tokens // width):
            return math.inf
        cost += budget.overhead + len(part) * rows(width) * width
    return cost


def _all_ways_to_cut(order: list[int]) -> Iterator[list[list[int]]]:
    for places in range(len(order)):
        for cuts in combinations(range(1, len(order)), places):
            yield [order[a:b] for a, b in pairwise((0, *cuts, len(order)))]


@pytest.mark.parametrize("tokens", [1, 64, 1024, 10**6])
@pytest.mark.parametrize("lengths", [LENGTHS, PAIRS])
def test_parts_hold_every_input_once_and_fit_in_a_pass(
    lengths: list[tuple[int, ...]], tokens: int
) -> None:
    parts = parts_of_like_length(lengths, PassBudget(tokens, ON_CPU.overhead))
    assert sorted(index for part in parts for index in part) == list(range(len(lengths)))
    for part in parts:
        width = sum(max(of_text) for of_text in zip(*(lengths[index] for index in part)))
        assert len(part) == 1 or len(part) * width <= tokens


@pytest.mark.parametrize("rows", [lambda tokens: 1, lambda tokens: 50, lambda tokens: tokens])
@pytest.mark.parametrize(
    ("tokens", "overhead"), [(128, 0), (128, 30), (128, 500), (10, 64), (10**6, 64)]
)
def test_no_other_way_to_cut_costs_less(rows: Rows, tokens: int, overhead: int) -> None:
    budget = PassBudget(tokens, overhead)
    for first in range(0, len(PAIRS), 10):
        some = list(range(first, first + 10))
        order = sorted(some, key=lambda index: -sum(PAIRS[index]))
        parts = parts_of_like_length([PAIRS[index] for index in some], budget, rows_per_input=rows)
        cost = _cost([[some[place] for place in part] for part in parts], budget, rows)
        assert cost == min(_cost(cut, budget, rows) for cut in _all_ways_to_cut(order))


def test_an_accelerator_takes_as_many_as_fit() -> None:
    lengths = [(length,) for length in (40, 9, 22, 31)]
    budget = budget_on(torch.device("cuda"))
    assert parts_of_like_length(lengths, budget) == [[0, 3, 2, 1]]
    assert parts_of_like_length(lengths, PassBudget(budget.tokens, 0)) == [[0], [3], [2], [1]]
    assert budget.tokens > budget_on(torch.device("cpu")).tokens


def test_a_part_holds_no_more_than_its_size() -> None:
    parts = parts_of_like_length([(5,)] * 7, ON_CPU, size=lambda rows: min(3, rows))
    assert parts == [[0, 1, 2], [3, 4, 5], [6]]


def test_parts_may_keep_the_order() -> None:
    lengths = [(4,), (4,), (70,), (70,), (4,)]
    assert parts_of_like_length(lengths, ON_CPU) == [[2, 3], [0, 1, 4]]
    assert parts_of_like_length(lengths, ON_CPU, in_order=True) == [[0, 1], [2, 3], [4]]


def test_of_nothing_there_are_no_parts() -> None:
    assert parts_of_like_length([], ON_CPU) == []


def test_the_user_says_how_many_tokens_a_pass_holds() -> None:
    model, _, _ = build()
    assert ExplainedModel(model).max_batch_tokens == ON_CPU.tokens
    assert ExplainedModel(model, max_batch_tokens=7).budget == PassBudget(7, ON_CPU.overhead)

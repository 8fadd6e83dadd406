"""Each block counts once, whoever dies."""

import random
from collections import Counter
from typing import Any

import pytest

from facade_allennlp.errors import InputError
from facade_allennlp.scale.mapped import AHEAD, DEATHS, _Crew
from facade_allennlp.scale.worker import Worker
from facade_allennlp.scale.workers import Workers
from tests.scale.doubled import Squares, cluster, counted

BLOCKS = [[3 * n, 3 * n + 1, 3 * n + 2] for n in range(40)]


@pytest.fixture(autouse=True)
def _without_allennlp(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is imported for what needs nothing."""

    def load(worker: Worker) -> None:
        worker._do = worker.work.load(-1)

    monkeypatch.setattr(Worker, "_load", load)


def results(deadly: Any, workers: int = 3) -> list[tuple[list[int], list[int]]]:
    _, made = cluster(deadly)
    return list(_Crew(made, Squares(), Workers(workers)).done(BLOCKS))


def test_every_block_comes_back_once_with_its_result() -> None:
    done = results(lambda block: False)
    assert sorted(block for block, _ in done) == BLOCKS
    assert all(result == [number**2 for number in block] for block, result in done)


@pytest.mark.parametrize("seed", range(5))
def test_deaths_at_random_lose_nothing_and_count_nothing_twice(seed: int) -> None:
    chance = random.Random(seed)
    died: Counter[int] = Counter()

    def deadly(block: list[int]) -> bool:
        # Fewer deaths than a block is given up after.
        dies = chance.random() < 0.4 and died[block[0]] < DEATHS - 1
        died[block[0]] += dies
        return dies

    done = results(deadly)
    assert died.total() > 10
    assert sorted(block for block, _ in done) == BLOCKS
    assert all(result == [number**2 for number in block] for block, result in done)


def test_of_a_block_that_kills_all_workers_only_the_input_that_does_is_broken() -> None:
    done = results(lambda block: 7 in block)
    squares = {number: square for block, result in done for number, square in zip(block, result)}
    assert squares == {n: -1 if n == 7 else n**2 for n in range(3 * len(BLOCKS))}


def test_blocks_are_taken_only_when_a_worker_has_room() -> None:
    taken: list[list[int]] = []
    _, made = cluster()
    done = _Crew(made, Squares(), Workers(2)).done(counted(BLOCKS, taken))
    for number in range(len(BLOCKS)):
        next(done)
        assert len(taken) <= number + 2 * AHEAD


def test_workers_that_only_die_end_the_whole() -> None:
    with pytest.raises(InputError, match="die before they have done anything: its process has"):
        results(lambda block: True)


def test_workers_are_ended_with_the_work_however_it_ends() -> None:
    ray, made = cluster()
    done = _Crew(made, Squares(), Workers(2)).done(BLOCKS)
    next(done)
    done.close()
    assert all(actor.dead for actor in ray.actors)

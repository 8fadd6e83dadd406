"""A corpus in blocks: each input once, in the same batches however the work is shared."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from allennlp.common import Params
from allennlp.data import DatasetReader, Instance

from facade_allennlp.analysis import blocks as cutting
from facade_allennlp.analysis.blocks import Numbered, Plan, without_indexers
from fixtures import reader_config

STRETCH = 10
WORDS = ["film", "plot", "actor", "story", "the", "was", "dull", "lovely"]


@pytest.fixture(scope="module")
def reader() -> DatasetReader:
    return DatasetReader.from_params(Params(reader_config()))


@pytest.fixture(autouse=True)
def _short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "STRETCH", STRETCH)


def texts(reader: DatasetReader, count: int, taken: list[int]) -> Iterator[tuple[int, Instance]]:
    for number in range(count):
        taken.append(number)
        yield number, reader.text_to_instance(" ".join(WORDS[: 1 + number % 8]))


def plan(reader: DatasetReader, count: int, workers: int, taken: list[int]) -> Plan:
    return Plan(texts(reader, count, taken), 20, lambda stretch: None, workers)


@pytest.mark.parametrize("count", [1, STRETCH, 3 * STRETCH + 4])
def test_batches_hold_each_input_once_and_are_the_same_for_any_workers(
    reader: DatasetReader, count: int
) -> None:
    by_workers = [
        [list(batch) for block in plan(reader, count, workers, []) for batch in block.batches]
        for workers in (1, 3, 100)
    ]
    assert by_workers[0] == by_workers[1] == by_workers[2]
    assert sorted(number for batch in by_workers[0] for number in batch) == list(range(count))
    for batch in by_workers[0]:
        assert len({number // STRETCH for number in batch}) == 1


def test_no_more_is_read_than_the_next_stretch(reader: DatasetReader) -> None:
    taken: list[int] = []
    done = 0
    cut = plan(reader, 5 * STRETCH, 1, taken)
    for block in cut:
        assert len(taken) <= done + 2 * STRETCH
        done += block.size
    assert (cut.read, cut.whole) == (5 * STRETCH, True)


def test_batches_within_a_stretch_go_from_long_to_short(reader: DatasetReader) -> None:
    lengths = [
        max(len(instance["tokens"]) for instance in batch.values())
        for block in plan(reader, STRETCH, 2, [])
        for batch in block.batches
    ]
    assert all(first >= second for first, second in pairwise(lengths))


def test_indexers_are_left_out_where_a_reader_gives_them_again(
    reader: DatasetReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = reader.text_to_instance("a film")
    reader.apply_token_indexers(instance)
    kept: Numbered = {0: instance}
    without_indexers(kept, reader)
    assert instance["tokens"]._token_indexers is None
    reader.apply_token_indexers(instance)
    assert instance["tokens"].token_indexers
    # A reader that gives none leaves what its instances have.
    monkeypatch.setattr(type(reader), "apply_token_indexers", lambda *arguments: None)
    without_indexers(kept, reader)
    assert instance["tokens"].token_indexers

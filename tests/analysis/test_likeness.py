import pytest
from scipy.stats import spearmanr

from facade_allennlp.analysis import LikenessOfExplanations
from facade_allennlp.results.record import Record
from facade_allennlp.results.summary import Likeness


def record(index: int, tokens: str = "a b c d", **scores: list[float]) -> Record:
    words = tokens.split()
    ids: list[int | None] = list(range(len(words)))
    return Record(index, None, "good", [1.0], words, ids, words, {}, scores)


def between_methods(records: list[Record]) -> dict[str, dict[str, Likeness]]:
    summary = LikenessOfExplanations().summarize([None] * len(records), records)
    assert summary.with_reference is None
    return summary.between_methods


def with_reference(records: list[Record], reference: list[Record]) -> dict[str, Likeness]:
    rows = [None] * len(records)
    compared = LikenessOfExplanations().summarize(rows, records, reference).with_reference
    assert compared is not None
    return compared


RECORDS = [
    record(0, one=[1, -2, 3, 4], other=[4, 3, 2, 1]),
    record(1, one=[1, 2, -3, 5], other=[0, 2, 3, 5]),
]


def test_methods_are_compared_by_their_ranks_and_by_their_first_tokens() -> None:
    found = between_methods(RECORDS)
    assert list(found) == ["one"]
    expected = [
        spearmanr([1, 2, 3, 4], [4, 3, 2, 1]).statistic,
        spearmanr([1, 2, 3, 5], [0, 2, 3, 5]).statistic,
    ]
    assert found["one"]["other"].spearman == pytest.approx(100 * sum(expected) / 2)
    # of four tokens the first two: {2, 3} and {0, 1}; {2, 3} and {2, 3}
    assert found["one"]["other"].top == 50


def test_five_tokens_of_longer_texts_are_compared() -> None:
    first = [float(20 - i) for i in range(20)]
    second = [*first[3:], 1000.0, 1000.0, 1000.0]  # its first: the last three, and two more
    long = record(0, "word " * 20, one=first, other=second)
    assert between_methods([long])["one"]["other"].top == pytest.approx(40)


def test_models_are_compared_on_the_inputs_that_they_read_alike() -> None:
    same = with_reference(RECORDS, [RECORDS[0], record(1, "a b", one=[1, 2], other=[1, 2])])
    assert same == {"one": Likeness(100, 100), "other": Likeness(100, 100)}
    assert with_reference(RECORDS, [])["one"] == Likeness(None, None)


def test_an_empty_text_is_left_out() -> None:
    empty = record(2, "", one=[], other=[])
    assert between_methods([*RECORDS, empty]) == between_methods(RECORDS)
    assert with_reference([*RECORDS, empty], [*RECORDS, empty]) == with_reference(RECORDS, RECORDS)

"""What a page draws of each input, in few characters."""

import json
import math
from typing import Any

import pytest

from facade_allennlp.report.page_data import PageData, PageEdits, depths, outcome
from facade_allennlp.results.checked import to_json
from facade_allennlp.results.record import Record
from facade_allennlp.results.summary import MethodLabel
from tests.report.results import flipped, record, reduced


def in_pieces(**other: Any) -> Record:
    """Of "Unreal film". The first word has two tokens, the second of which is a target token."""
    return record(
        0,
        ["Unreal", "film"],
        tokens=["[CLS]", "un", "##real", "film", "[SEP]"],
        word_ids=[None, 0, 0, 1, None],
        targets={"first_token": [2], "none": []},
        scores={"gradient": [0.0, -3.0, 1.0, 4.0, 0.0]},
        **other,
    )


def page_data(sides: dict[str, int | None] | None = None, *attacks: str) -> PageData:
    sides = sides or {"gradient": 1}
    labels = {name: MethodLabel(name, towards) for name, towards in sides.items()}
    return PageData(labels, ["first_token", "none"], attacks)


def test_a_text_that_models_share_is_kept_once() -> None:
    data = page_data()
    cells = [data.cell(record(0, ["good", "film"], first), None) for first in (1.0, 50.0)]
    cells.append(data.cell(record(1, ["good", "plot"]), None))
    assert [cell.text for cell in cells] == [0, 0, 1]
    assert [text.words[1:-1] for text in data.texts] == [["good", "film"], ["good", "plot"]]


def test_models_that_cut_a_text_unlike_have_it_each() -> None:
    data = page_data()
    whole = record(0, ["Unreal", "film"])
    assert [data.cell(made, None).text for made in (whole, in_pieces())] == [0, 1]
    assert [text.words for text in data.texts] == [["[CLS]", "Unreal", "film", "[SEP]"]] * 2
    assert [text.pieces for text in data.texts] == [{}, {1: 2}]


def test_a_text_tells_its_special_tokens_and_its_targets_by_words() -> None:
    data = page_data()
    data.cell(in_pieces(), None)
    (text,) = data.texts
    assert text.special == [0, 3]
    assert text.targets == [[1], []]
    assert text.direction == "ltr"


@pytest.mark.parametrize(
    ("side", "shares"),
    # Of the pieces the first counts 3/8 against the class, the second 1/8 for it.
    [(1, [0, -5000, 5000, 0]), (-1, [0, 5000, -5000, 0]), (None, [0, 5000, 5000, 0])],
)
def test_a_words_share_is_a_whole_number_with_its_side(side: int | None, shares: list[int]) -> None:
    cell = page_data({"gradient": side}).cell(in_pieces(), None)
    assert cell.shares == [shares]
    assert json.dumps(cell.shares) == json.dumps([shares]), "no 5000.0"


def test_shares_of_targets_are_those_of_their_tokens() -> None:
    cell = page_data().cell(in_pieces(), None)
    assert cell.on == [[1250, None]]


def test_rounded_shares_stay_near_the_whole() -> None:
    words = [f"word{place}" for place in range(28)]
    scores = [math.sqrt(place) for place in range(30)]
    cell = page_data().cell(record(0, words, scores={"gradient": scores}), None)
    assert abs(sum(cell.shares[0]) - 10_000) <= 15


def test_a_share_takes_a_few_characters() -> None:
    words = [f"word{place}" for place in range(998)]
    scores = {name: [math.pi] * 999 + [100.0] for name in "abcdef"}
    data = PageData({name: MethodLabel(name) for name in scores}, ["first_token"], [])
    data.cell(record(0, words, scores=scores), None)
    text = len(json.dumps(to_json(data.texts)))
    again = data.cell(record(0, words, scores=scores), None)
    assert len(json.dumps(to_json(data.texts))) == text
    assert len(json.dumps(to_json(again))) < 6 * 1000 * 5


def test_an_attack_keeps_what_was_left_alone_as_one_string() -> None:
    begin, end = {"special": "[CLS]"}, {"special": "[SEP]"}
    attacks = {"reduction": reduced([1, 2], [3]), "flip": flipped({3: "movie", 1: "re"})}
    cell = page_data(None, "reduction", "flip").cell(in_pieces(attacks=attacks), None)
    assert cell.edits == [
        PageEdits("1 of 3 tokens left, same prediction", [begin, ["Unreal"], "film", end]),
        PageEdits(
            "2 tokens exchanged: prediction changed",
            [begin, ["un", "re"], "##real", ["film", "movie"], end],
        ),
    ]


def test_an_attack_that_a_record_has_no_result_of_has_no_edits() -> None:
    cell = page_data(None, "flip").cell(record(0, ["good"]), None)
    assert cell.edits == [None]


@pytest.mark.parametrize(
    ("attack", "told"),
    [
        (flipped({1: "bad"}), "1 token exchanged: prediction changed"),
        (flipped({1: "a", 2: "b"}, False), "2 tokens exchanged: without success"),
        (flipped({}, False), "0 tokens exchanged: without success"),
        (flipped({}, True), "0 tokens exchanged: predicted as wanted before"),
        (reduced([1, 2, 3], [4]), "1 of 4 tokens left, same prediction"),
        (reduced([], [1, 2]), "2 of 2 tokens left, same prediction"),
        (
            {"left": [1], "stop_words": [], "steps": 2},
            "measured by a version that did not note which tokens were dropped",
        ),
    ],
)
def test_the_outcome_of_an_attack_in_words(attack: dict[str, Any], told: str) -> None:
    assert outcome(attack) == told


def test_the_probability_is_that_of_the_prediction() -> None:
    cell = page_data().cell(record(0, ["good"], probabilities=[0.125, 0.875]), None)
    assert cell.probability == 0.875
    assert page_data().cell(record(0, ["good"], probabilities=[]), None).probability is None


def test_a_prediction_is_compared_with_that_of_another_model_only() -> None:
    data = page_data()
    other = record(0, ["good"], prediction="bad")
    assert data.cell(record(0, ["good"]), other).same is False
    assert data.cell(other, other).same is True
    assert data.cell(other, None).same is None
    assert data.cell(other, None).right is False
    assert data.cell(record(0, ["good"], gold=None), None).right is None


def test_strong_words_are_told_strongest_first_and_how_many_are_top() -> None:
    scores = {"gradient": [0.0, 2.0, 4.0, 1.0, 4.0, 2.1, 0.0], "nothing": [0.0] * 7}
    told = record(0, ["a", "b", "c", "d", "e"], scores=scores)
    cell = page_data({"gradient": 1, "nothing": None}).cell(told, None)
    assert cell.strong == [[2, 4, 5, 1], []]
    assert cell.top == [2, 0]


def test_each_share_has_its_depth() -> None:
    found = depths()
    assert len(found) == 10_001
    assert (found[0], found[2500], found[10_000]) == (0.0, 0.5, 1.0)
    assert found == sorted(found)

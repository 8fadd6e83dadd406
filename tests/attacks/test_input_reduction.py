import dataclasses
from operator import eq
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from facade_allennlp.attacks import Attack, InputReduction
from facade_allennlp.attacks.reduction_search import ReductionSearch, View
from facade_allennlp.attribution import (
    Attribution,
    ExplainedModel,
    Gradient,
    IntegratedGradients,
    SmoothGradient,
)
from facade_allennlp.targets import EveryToken, StopWords, Words
from fixtures import build, read_text
from fixtures.word_scores import build_word_scores, read_texts, words_of
from tests.attacks.by_loop import beam_reduction, greedy_reduction
from tests.attacks.tiny import built, ids_of

SCORES = {"good": 3, "fine": 1, "the": 0.1, "a": -0.2, "bad": -2, "not": -2.5, "great": 4}


def reduced(texts: list[str], **settings: Any) -> list[str]:
    model, reader = build_word_scores(SCORES)
    results = InputReduction(**settings).attack(
        ExplainedModel(model), read_texts(model, reader, *texts)
    )
    return words_of([result.instance for result in results])


def test_words_go_in_the_order_of_their_scores_while_the_sum_keeps_its_sign() -> None:
    # Score and order of removal: zebra 0, the 0.1, a -0.2, fine 1, bad -2, ...
    assert reduced(["the a fine bad zebra good"], beam_size=1) == ["good"]
    # Without `fine` the text would score -0.5.
    assert reduced(["great fine bad not the"], beam_size=1) == ["great fine bad not"]


def test_a_wider_beam_finds_what_greed_does_not() -> None:
    # Greed stops where `fine` is next; the beam drops `bad` or `not` instead.
    assert reduced(["great fine bad not the"], beam_size=3) == ["great"]


@pytest.mark.parametrize("seed", range(6))
def test_beam_1_equals_a_greedy_loop(seed: int) -> None:
    model, instances = built(seed)
    results = InputReduction(beam_size=1).attack(ExplainedModel(model), instances)
    for instance, result in zip(instances, results, strict=True):
        ids = ids_of(instance)
        expected = greedy_reduction(model, ids, range(1, len(ids) - 1))
        assert [0, *result.left, len(ids) - 1] == expected
        assert ids_of(result.instance) == [ids[i] for i in expected]
        assert len(result.dropped) == len(ids) - len(expected)


def test_some_of_these_reductions_end_early() -> None:
    """The tests that compare reductions would say little if each ended with one token."""
    ended = {
        len(result.left)
        for seed in range(6)
        for model, instances in [built(seed)]
        for result in InputReduction(beam_size=1).attack(ExplainedModel(model), instances)
    }
    assert len(ended) > 2


@pytest.mark.parametrize("beam_size", [2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_a_beam_equals_a_loop_over_texts(seed: int, beam_size: int) -> None:
    model, instances = built(seed)
    results = InputReduction(beam_size).attack(ExplainedModel(model), instances)
    for instance, result in zip(instances, results, strict=True):
        ids = ids_of(instance)
        expected = beam_reduction(model, ids, range(1, len(ids) - 1), beam_size)
        assert [0, *result.left, len(ids) - 1] == expected


@pytest.mark.parametrize("method", [None, IntegratedGradients(steps=2), SmoothGradient(samples=2)])
def test_batched_equals_one_by_one(method: Any) -> None:
    model, instances = built(1)
    explained = ExplainedModel(model)
    attack = InputReduction(beam_size=2, method=method)
    together = attack.attack(explained, instances)
    in_small_batches = attack.attack(explained.with_budget(30), instances)
    for instance, result, small in zip(instances, together, in_small_batches, strict=True):
        (alone,) = attack.attack(explained, [instance])
        assert result.to_json(0) == small.to_json(0) == alone.to_json(0)


def test_the_prediction_holds() -> None:
    model, instances = built(4)
    results = InputReduction().attack(ExplainedModel(model), instances)
    assert any(result.dropped for result in results)
    for instance, result in zip(instances, results, strict=True):
        before, after = map(model.forward_on_instance, (instance, result.instance))
        assert before["logits"].argmax() == after["logits"].argmax()


def test_special_tokens_stay_and_one_token_at_least() -> None:
    model, instances = built(0)
    results = InputReduction().attack(ExplainedModel(model), instances)
    assert any(result.dropped for result in results)
    for result in results:
        (words,) = words_of([result.instance])
        first, *middle, last = words.split()
        assert (first, last) == ("[CLS]", "[SEP]")
        assert middle
        assert not {"[CLS]", "[SEP]"} & set(middle)


class Counter:
    """Counts rows, calls and tokens at a model's embedding layer."""

    def __init__(self, explained: ExplainedModel) -> None:
        self.shapes: list[tuple[int, int]] = []
        explained.embedding_layer.register_forward_hook(
            lambda layer, args, output: self.shapes.append(tuple(output.shape[:2]))
        )


def test_each_text_that_is_tried_costs_one_forward_pass() -> None:
    model, reader = build_word_scores(SCORES)
    explained = ExplainedModel(model)
    counter = Counter(explained)
    texts = read_texts(model, reader, "the fine good", "a bad", "good")
    InputReduction(beam_size=1).attack(explained, texts)
    # All three, then two, then one; each text is explained and predicted at once, as one row.
    assert sum(rows for rows, _ in counter.shapes) == 3 + 2 + 1


def test_a_forward_pass_holds_no_more_tokens_than_allowed() -> None:
    model, instances = built(0)
    explained = ExplainedModel(model)
    counter = Counter(explained)
    InputReduction(beam_size=3).attack(explained.with_budget(40), instances)
    assert max(rows * tokens for rows, tokens in counter.shapes) <= 40
    assert max(rows for rows, _ in counter.shapes) > 3, "texts of unlike instances share a batch"


def test_no_text_is_tried_twice() -> None:
    search = ReductionSearch(View([0.1, 0.2, 0.7], [0]), [0, 1, 2], 3, eq)
    assert search.proposals() == [(1, 2), (0, 2), (0, 1)]
    for kept in [(0, 2), (1, 2), (0, 1)]:
        search.tried(kept, View([0.5, 0.5], [0]))
    search.advance()
    assert search.best == (1, 2), "the proposal with the lowest share, not the one tried first"
    # Each of the three texts is proposed from two sides; of equal shares the leftmost goes first.
    assert search.proposals() == [(1,), (2,), (0,)]


def test_the_lowest_shares_of_the_whole_beam_are_tried() -> None:
    search = ReductionSearch(View([0.3, 0.3, 0.4, 0.0], [0]), [0, 1, 2], 2, eq)
    assert search.proposals() == [(1, 2, 3), (0, 2, 3)]
    search.tried((0, 2, 3), View([0.1, 0.2, 0.7], [0]))
    search.tried((1, 2, 3), View([0.6, 0.3, 0.1], [0]))
    search.advance()
    assert search.proposals() == [(2, 3), (0, 3)]  # shares 0.1 and 0.2, both of one text
    search.tried((2, 3), View([0.5, 0.5], [1]))
    search.tried((0, 3), View([0.5, 0.5], [0]))
    search.advance()
    assert search.best == (0, 3)
    assert search.proposals() == []


def test_only_target_tokens_are_dropped() -> None:
    text = ["the fine a bad good the"]
    assert reduced(text, target=StopWords()) == ["fine a bad good"]
    assert reduced(text, target=Words(["bad", "a"])) == ["the fine bad good the"]


@pytest.mark.parametrize("text", ["good", "bad", "zebra"])
def test_a_single_token_stays(text: str) -> None:
    assert reduced([text]) == [text]


def test_texts_without_a_token_to_drop_stay_and_have_nothing_left() -> None:
    model, reader, _ = build()
    texts = [read_text(model, reader, ""), read_text(model, reader, "the film")]
    results = InputReduction(target=Words(["good"])).attack(ExplainedModel(model), texts)
    assert [ids_of(result.instance) for result in results] == [ids_of(text) for text in texts]
    assert [result.to_json(5) for result in results] == [
        {"left": [], "stop_words": [], "dropped": []}
    ] * 2
    assert InputReduction().attack(ExplainedModel(model), []) == []


def test_stop_words_are_those_of_the_original_text() -> None:
    model, reader, _ = build()
    text = read_text(model, reader, "the actors in the endless film")
    attack = InputReduction(target=Words(["film"]))
    (result,) = attack.attack(ExplainedModel(model), [text])
    assert result.left == [8]
    (whole,) = InputReduction(target=Words(["the", "actors"])).attack(ExplainedModel(model), [text])
    assert set(whole.stop_words) == set(whole.left) & {1, 5}


def test_a_piece_of_a_longer_word_is_no_stop_word() -> None:
    model, reader = build_word_scores({"##the": 1.0, "in": 1.0, "good": -0.5})
    texts = read_texts(model, reader, "in ##the")
    (result,) = InputReduction(target=Words(["inthe"])).attack(ExplainedModel(model), texts)
    assert len(result.left) == 1
    assert result.stop_words == []


def test_summary_by_hand() -> None:
    def result(left: list[int], stop_words: list[int]) -> dict[str, Any]:
        return {"left": left, "stop_words": stop_words, "dropped": []}

    results = [
        result([3, 4, 8], [4]),
        result([2], [2]),
        result([], []),
        result([5, 6], []),
        result([1, 7], [1, 7]),
    ]
    assert InputReduction().summarize(results) == {
        "without": 1,
        "stop_percent": 50.0,
        "mean_stop_percent": 58.33,
        "all_stop_percent": 50.0,
        "mean_left": 2.0,
    }
    assert InputReduction().summarize([result([], [])]) == {
        "without": 1,
        "stop_percent": None,
        "mean_stop_percent": None,
        "all_stop_percent": None,
        "mean_left": None,
    }


def test_positions_in_a_record_count_from_the_fields_first_token() -> None:
    model, reader = build_word_scores(SCORES)
    texts = read_texts(model, reader, "the good a", "zebra the")
    results = InputReduction(target=EveryToken()).attack(ExplainedModel(model), texts)
    assert [result.to_json(0) for result in results] == [
        {"left": [1], "stop_words": [], "dropped": [0, 2]},
        {"left": [1], "stop_words": [1], "dropped": [0]},
    ]
    assert [result.to_json(10) for result in results] == [
        {"left": [11], "stop_words": [], "dropped": [10, 12]},
        {"left": [11], "stop_words": [11], "dropped": [10]},
    ]


def test_a_method_that_names_no_classes_is_refused() -> None:
    class Mute(Gradient):
        def attribute(self, *args: Any, **kwargs: Any) -> Attribution:
            return dataclasses.replace(super().attribute(*args, **kwargs), classes=[])

    model, reader = build_word_scores(SCORES)
    with pytest.raises(ConfigurationError, match=r"'Mute'.*which classes it explains"):
        InputReduction(method=Mute()).attack(
            ExplainedModel(model), read_texts(model, reader, "the good")
        )


def test_it_is_built_from_a_config_and_refuses_an_empty_beam() -> None:
    config = {"type": "input_reduction", "beam_size": 2, "method": "smooth_gradient"}
    attack = Attack.from_params(Params({**config, "target": {"type": "stop_words"}}))
    assert isinstance(attack, InputReduction)
    assert isinstance(attack.method, SmoothGradient)
    assert isinstance(attack.target, StopWords)
    with pytest.raises(ConfigurationError, match=r"beam_size of .* must be a whole number >= 1"):
        InputReduction(beam_size=0)

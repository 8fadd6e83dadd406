"""Attacks on one of several texts: pairs, questions with passages, models of two text fields."""

from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.predictors import Predictor

from facade_allennlp.attacks import Attack, HotFlip, InputReduction
from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.targets import EveryToken, FirstToken, StopWords
from fixtures import build, classifier_config, reader_config
from fixtures.two_part_texts import build_pairs, build_questions
from fixtures.two_texts import build_two_texts
from fixtures.word_scores import words_of

ATTACKS = [InputReduction(beam_size=1), HotFlip(EveryToken())]
QUESTION_FIELD = "question_with_context"


def parts(instances: list[Instance], field: str = "tokens") -> list[tuple[str, str]]:
    """The two texts of each instance."""
    texts = [text.split(" [SEP] ", 1) for text in words_of(instances, field)]
    return [(first.removeprefix("[CLS] "), second) for first, second in texts]


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> tuple[Predictor, list[Instance]]:
    return build_questions(tmp_path_factory.mktemp("qa") / "bert", seed=5)


@pytest.mark.parametrize("attack", ATTACKS, ids=["reduction", "hotflip"])
def test_the_premise_is_attacked_by_default(attack: Attack) -> None:
    model, _, instances = build_pairs()
    results = attack.attack(ExplainedModel(model), instances)
    for before, after in zip(
        parts(instances), parts([result.instance for result in results]), strict=True
    ):
        assert before[0] != after[0]
        assert before[1] == after[1]


@pytest.mark.parametrize("attack", [InputReduction, HotFlip])
def test_the_hypothesis_is_attacked_on_request(attack: Any) -> None:
    model, _, instances = build_pairs()
    results = attack(target=EveryToken(field="hypothesis")).attack(ExplainedModel(model), instances)
    for before, after in zip(
        parts(instances), parts([result.instance for result in results]), strict=True
    ):
        assert before[0] == after[0]
        assert before[1] != after[1]


def test_the_whole_field_is_attacked_when_it_is_named() -> None:
    model, _, instances = build_pairs()
    attack = InputReduction(target=EveryToken(field="tokens"))
    results = attack.attack(ExplainedModel(model), instances)
    assert any(not second.startswith("a") for _, second in parts([r.instance for r in results]))
    assert all("[SEP]" in text for text in words_of([result.instance for result in results]))


def test_a_targets_tokens_in_the_first_text_alone() -> None:
    model, _, instances = build_pairs()
    results = HotFlip(StopWords()).attack(ExplainedModel(model), instances)
    expected = [{"the", "was", "and", "she"}, {"he", "was", "not"}]
    for result, words in zip(results, expected, strict=True):
        assert {flip.old for flip in result.flips} <= words
        assert result.attackable == len(words) + (words == expected[0])  # `was` is there twice


def test_pairs_equal_one_by_one() -> None:
    model, _, instances = build_pairs()
    explained = ExplainedModel(model)
    for attack in ATTACKS:
        for instance, result in zip(instances, attack.attack(explained, instances), strict=True):
            assert attack.attack(explained, [instance])[0].to_json(0) == result.to_json(0)


def test_a_question_is_reduced_while_the_answer_stays(
    qa: tuple[Predictor, list[Instance]],
) -> None:
    predictor, instances = qa
    model = predictor._model
    results = InputReduction(beam_size=1).attack(ExplainedModel(model), instances)
    assert any(result.dropped for result in results)
    for instance, result in zip(instances, results, strict=True):
        (before, after) = parts([instance, result.instance], QUESTION_FIELD)
        assert before[1] == after[1], "the passage stays"
        assert len(after[0].split()) == len(before[0].split()) - len(result.dropped) > 0
        span: Any = result.instance.fields["context_span"]
        tokens = words_of([result.instance], QUESTION_FIELD)[0].split()
        assert " ".join([*tokens[span.span_start :]]) == before[1]
        outputs = [model.forward_on_instance(i) for i in (instance, result.instance)]
        assert outputs[0]["best_span_str"] == outputs[1]["best_span_str"] != ""
        assert list(outputs[0]["best_span"]) == list(outputs[1]["best_span"])


def test_a_reduced_question_is_not_reduced_further(qa: tuple[Predictor, list[Instance]]) -> None:
    predictor, instances = qa
    explained = ExplainedModel(predictor._model)
    results = InputReduction(beam_size=1).attack(explained, instances)
    assert any(len(result.left) > 1 for result in results), "not only because one token stays"
    for result in results:
        (again,) = InputReduction(beam_size=1).attack(explained, [result.instance])
        assert (again.dropped, len(again.left)) == ([], len(result.left))


def test_the_answer_may_be_changed_by_flips_in_the_question(
    qa: tuple[Predictor, list[Instance]],
) -> None:
    predictor, instances = qa
    results = HotFlip().attack(ExplainedModel(predictor._model), instances)
    for instance, result in zip(instances, results, strict=True):
        (before, after) = parts([instance, result.instance], QUESTION_FIELD)
        assert before[1] == after[1]
        spans = [
            list(predictor._model.forward_on_instance(i)["best_span"])
            for i in (instance, result.instance)
        ]
        assert result.succeeded == (spans[0] != spans[1])


def test_a_span_cannot_be_wanted(qa: tuple[Predictor, list[Instance]]) -> None:
    predictor, instances = qa
    with pytest.raises(ConfigurationError, match=r"'3' cannot be .* a span \(span_start"):
        HotFlip(wanted="3").attack(ExplainedModel(predictor._model), instances)


@pytest.mark.parametrize(("field", "place"), [(None, 0), ("premise", 0), ("hypothesis", 1)])
@pytest.mark.parametrize("attack", [InputReduction, HotFlip])
def test_one_of_two_text_fields_is_attacked(attack: Any, field: str | None, place: int) -> None:
    model, instances = build_two_texts()
    results = attack(target=EveryToken(field)).attack(ExplainedModel(model), instances)
    names = ("premise", "hypothesis")
    for instance, result in zip(instances, results, strict=True):
        assert result.field == names[place]
        assert result.instance.fields[names[1 - place]] is instance.fields[names[1 - place]]
        tokens = words_of([result.instance], names[place])[0].split()
        assert (tokens[0], tokens[-1]) == ("[CLS]", "[SEP]")
    assert any(
        words_of([result.instance], names[place]) != words_of([instance], names[place])
        for instance, result in zip(instances, results)
    )


@pytest.mark.parametrize("attack", [InputReduction, HotFlip])
def test_a_field_that_the_model_does_not_read_is_refused(attack: Any) -> None:
    model, instances = build_two_texts()
    with pytest.raises(ConfigurationError, match=r"'title'.*'hypothesis', 'premise'"):
        attack(target=FirstToken("title")).attack(ExplainedModel(model), instances)


@pytest.mark.parametrize("attack", [InputReduction, HotFlip])
def test_a_part_that_no_text_has_leaves_nothing_to_attack(attack: Any) -> None:
    model, _, instances = build()
    results = attack(target=EveryToken("hypothesis")).attack(ExplainedModel(model), instances)
    assert attack().summarize([result.to_json(0) for result in results])["without"] == 6


@pytest.mark.parametrize("attack", [InputReduction, HotFlip])
def test_a_text_of_words_over_a_model_of_pieces_is_refused(attack: Any) -> None:
    reader = reader_config()
    reader["token_indexers"]["tokens"]["type"] = "pretrained_transformer_mismatched"
    reader["tokenizer"] = "just_spaces"
    config = classifier_config()
    embedder = config["text_field_embedder"]["token_embedders"]["tokens"]
    embedder["type"] = "pretrained_transformer_mismatched"
    model, _, instances = build(config, reader)
    with pytest.raises(ConfigurationError, match=r"pieces for the . tokens"):
        attack().attack(ExplainedModel(model), instances)

from concurrent.futures import ThreadPoolExecutor

import pytest
from allennlp.common.checks import ConfigurationError

from facade_allennlp.archives import load
from facade_allennlp.audit.honest import honest_methods
from facade_allennlp.demo.comparison import EXTRAS, MAX_ATTACKED_WORDS, Answer, Comparison
from facade_allennlp.display.scored_words import explained_words
from facade_allennlp.predictors import ExplainingPredictor
from facade_allennlp.tasks import NO_ANSWER
from fixtures import TRAIN
from tests.demo.conftest import METHODS, compare

TEXT = "A lovely film , the plot was dull"


def test_each_model_answers_as_its_explaining_predictor(
    sentiment: Comparison, archives: dict[str, str]
) -> None:
    answers = sentiment.answers({"sentence": TEXT}, ["gradient", "ig"])
    assert [answer.model for answer in answers] == ["f", "f_ft"]
    for answer in answers:
        archive = load(archives[answer.model])
        predictor = ExplainingPredictor(
            archive.model, archive.validation_dataset_reader, methods=METHODS
        )
        (explanation,) = predictor.explain([{"sentence": TEXT}])
        assert answer.prediction == answer.explained_class == explanation.explained_class
        assert answer.probability == pytest.approx(explanation.probability)
        for method in METHODS:
            expected = explained_words(explanation, method)
            found = answer.methods[method]
            assert [word.text for word in found] == ["[CLS]", *TEXT.split(), "[SEP]"]
            assert [word.share for word in found] == pytest.approx(
                [word.share for word in expected], abs=1e-5
            )
        assert not answer.failed


def test_a_class_can_be_named_that_is_not_predicted(sentiment: Comparison) -> None:
    assert set(sentiment.classes) == {"positive", "negative"}
    for name in sentiment.classes:
        for answer in sentiment.answers({"sentence": TEXT}, ["gradient"], name):
            assert answer.explained_class == name
            sure = answer.probability
            expected = sure if name == answer.prediction else 1 - sure
            assert answer.explained_probability == pytest.approx(expected, abs=1e-5)


def test_attacks_are_shown_as_edits_of_the_typed_text(sentiment: Comparison) -> None:
    extras = ["input_reduction", "hotflip"]
    answers = sentiment.answers({"sentence": TEXT}, [], extras=extras)
    assert [answer.model for answer in answers] == ["f", "f_ft"]
    for answer in answers:
        reduced = answer.edits["input_reduction"]
        kept = [segment.text for segment in reduced.segments if not segment.dropped]
        assert [segment.text for segment in reduced.segments] == ["[CLS]", *TEXT.split(), "[SEP]"]
        assert reduced.outcome == f"{len(kept) - 2} of {len(TEXT.split())} tokens left, " + (
            "same prediction"
        )
        # What is left is predicted as the whole text is.
        left = " ".join(kept[1:-1])
        again = sentiment.answers({"sentence": left}, [])
        assert {one.model: one.prediction for one in again}[answer.model] == answer.prediction
        flipped = answer.edits["hotflip"]
        new = sum(segment.new is not None for segment in flipped.segments)
        assert flipped.outcome.startswith(f"{new} token")


def test_the_tree_is_a_picture_with_its_tokens(sentiment: Comparison) -> None:
    answers = sentiment.answers({"sentence": TEXT}, [], extras=["tree"])
    assert [answer.model for answer in answers] == ["f", "f_ft"]
    for answer in answers:
        assert answer.tree is not None
        assert answer.tree.startswith("<svg ")
        assert 'role="img" aria-label="Attribution tree of ' in answer.tree


def test_what_one_model_cannot_have_is_a_sentence_and_the_others_have_it(
    archives: dict[str, str], others: dict[str, str]
) -> None:
    both = compare(bert=archives["f"], lstm=others["lstm"])
    bert, lstm = both.answers({"sentence": TEXT}, ["gradient", "lrp"], extras=list(EXTRAS))
    assert not bert.failed
    assert set(bert.methods) == {"gradient", "lrp"}
    assert set(lstm.methods) == {"gradient"}
    assert {"lrp", "tree"} == set(lstm.failed)
    assert all("\n" not in sentence and len(sentence) > 20 for sentence in lstm.failed.values())
    assert set(lstm.edits) == {"input_reduction", "hotflip"}


def test_pairs_and_questions_have_forms_of_their_own(others: dict[str, str]) -> None:
    pairs = compare(f=others["pairs"])
    assert pairs.fields == ("premise", "hypothesis")
    (answer,) = pairs.answers({"premise": "the film", "hypothesis": "a plot"}, ["gradient"])
    assert answer.prediction in ("entailment", "neutral")
    texts = [word.text for word in answer.methods["gradient"] if not word.special]
    assert texts == ["the", "film", "a", "plot"]

    questions = compare(f=others["questions"])
    assert (questions.fields, questions.classes) == (("question", "context"), [])
    asked = {"question": "was the food good", "context": "the food was really good"}
    (answer,) = questions.answers(asked, ["gradient"], extras=["input_reduction"])
    typed = "was the food good the food was really good"
    assert answer.prediction == NO_ANSWER or answer.prediction in typed
    struck = [part.text for part in answer.edits["input_reduction"].segments if part.dropped]
    assert set(struck) < set(asked["question"].split())


def test_a_text_that_one_model_cannot_read_is_explained_by_the_others(
    archives: dict[str, str], others: dict[str, str]
) -> None:
    both = compare(bert=archives["f"], lstm=others["lstm"])
    bert, lstm = both.answers({"sentence": "film " * 600}, ["gradient"])
    assert bert.refused
    assert "tokens long" in bert.refused
    assert not lstm.failed
    assert len(lstm.methods["gradient"]) == 600


def test_a_method_that_breaks_takes_nothing_else_along(
    sentiment: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sentiment.predictors["f"].methods["gradient"], "attribute", breaks)
    f, f_ft = sentiment.answers({"sentence": TEXT}, ["gradient", "ig"])
    assert "ZeroDivisionError" in f.failed["gradient"]
    assert set(f.methods) == {"ig"}
    assert set(f_ft.methods) == {"gradient", "ig"}


def test_attacks_on_long_texts_are_refused(others: dict[str, str]) -> None:
    long = " ".join(["film"] * (MAX_ATTACKED_WORDS + 1))
    lstm = compare(lstm=others["lstm"])
    (answer,) = lstm.answers({"sentence": long}, ["gradient"], extras=["hotflip"])
    assert f"has {MAX_ATTACKED_WORDS + 1} words" in answer.failed["hotflip"]
    assert "gradient" in answer.methods


def test_all_methods_can_be_asked_for_but_those_that_need_settings(
    archives: dict[str, str],
) -> None:
    corpus = {"type": "exchange", "corpus": "reviews.jsonl"}
    offered = Comparison({"f": load(archives["f"])}, {"lime": "lime"}).methods
    assert {"lime", "lrp", "integrated_gradients"} < set(offered)
    assert "exchange" not in offered
    assert "mine" in Comparison({"f": load(archives["f"])}, {"mine": corpus}).methods


def test_more_work_than_allowed_is_refused_before_it_begins(archives: dict[str, str]) -> None:
    methods = {"long": {"type": "lime", "samples": 10_000}, "short": "gradient"}
    both = Comparison({"f": load(archives["f"])}, methods)
    text = {"sentence": "film " * 40}
    (answer,) = both.answers(text, ["short", "long"])
    # 42 tokens, predicted twice, in 10,000 passes of LIME and one of the gradient
    work = "this takes 420,126 tokens in all passes of the model, and 300,000 are the most"
    assert answer.refused == f"{work}: choose fewer methods, or a shorter text"
    (answer,) = both.answers(text, ["short"])
    assert not answer.failed


def test_a_method_may_not_be_named_as_an_attack(archives: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="'hotflip', which means something else"):
        Comparison({"f": load(archives["f"])}, {"hotflip": "lrp"})


def test_models_that_read_different_inputs_are_refused(
    archives: dict[str, str], others: dict[str, str]
) -> None:
    message = "'f' reads sentence and 'pairs' premise and hypothesis"
    with pytest.raises(ConfigurationError, match=message):
        compare(f=archives["f"], pairs=others["pairs"])


@pytest.mark.parametrize(
    ("inputs", "methods", "named", "message"),
    [
        ({"sentence": " "}, ["gradient"], None, "'sentence' is empty"),
        ({"sentence": "a film"}, ["grad"], None, "no method 'grad'"),
        ({"sentence": "a film"}, ["gradient"], "neutral", "no class 'neutral'"),
        ({"sentence": "film " * 2001}, ["gradient"], None, "10005 characters"),
        ({"sentence": "\u200b"}, ["gradient"], None, "'sentence' is empty"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    sentiment: Comparison, inputs: dict[str, str], methods: list[str], named: str, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        sentiment.answers(inputs, methods, named)


def test_questions_at_once_are_answered_as_one_by_one(sentiment: Comparison) -> None:
    texts = ["A lovely film", "the plot was dull", "she was good", "he was not"]
    questions = [(text, method) for method in ("lrp", "attn_lrp", "gradient") for text in texts]

    def ask(question: tuple[str, str]) -> list[Answer]:
        text, method = question
        return sentiment.answers({"sentence": text}, [method], extras=["tree"])

    expected = [ask(question) for question in questions]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, questions)) == expected


def test_explanations_that_facades_do_not_move_stand_beside_the_others(
    archives: dict[str, str],
) -> None:
    methods = honest_methods(TRAIN)
    comparison = Comparison({"f": load(archives["f"])}, methods)
    (answer,) = comparison.answers({"sentence": "The film was great!"}, list(methods))
    assert not answer.failed
    assert list(answer.methods) == list(methods)

import json
import re
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import load_archive
from allennlp.predictors import Predictor

from facade_allennlp.attribution import ExplainedModel, Gradient
from facade_allennlp.errors import InputError
from facade_allennlp.predictors import ExplainingPredictor
from fixtures import batch

SENTENCES = [{"sentence": "a lovely film", "label": "negative"}, {"sentence": "the plot was dull"}]


def predictor(archive: str, **settings: Any) -> ExplainingPredictor:
    made = Predictor.from_archive(
        load_archive(archive + "/model.tar.gz"), "explaining", extra_args=settings
    )
    assert isinstance(made, ExplainingPredictor)
    return made


@pytest.mark.parametrize("name", ["f", "f_ft"])
def test_predictions_stay_and_explanations_come_beside_them(
    archives: dict[str, str], name: str
) -> None:
    methods = {"mine": {"type": "smooth_gradient", "samples": 2}, "gradient": "gradient"}
    made = predictor(archives[name], methods=methods, top=2)
    found = made.predict_batch_json(SENTENCES)
    plain = made.predictor.predict_batch_json(SENTENCES)
    for answer, expected, sentence in zip(found, plain, SENTENCES, strict=True):
        explanation = answer.pop("explanation")
        assert answer == expected
        assert explanation["class"] == expected["label"]
        assert list(explanation["methods"]) == ["mine", "gradient"]
        instance = made._json_to_instance(sentence)
        made._dataset_reader.apply_token_indexers(instance)
        instance.index_fields(made._model.vocab)
        engine = Gradient().attribute(ExplainedModel(made._model), batch([instance]))
        gradient = explanation["methods"]["gradient"]
        assert gradient["attribution"] == pytest.approx(engine.normalized[0].tolist(), abs=1e-5)
        first, second = gradient["top"]
        assert first["attribution"] == max(gradient["attribution"])
        assert explanation["tokens"][first["position"]] == first["token"]
        assert second["attribution"] <= first["attribution"]
        json.dumps(explanation)


def test_one_input_is_explained_as_many_are(archives: dict[str, str]) -> None:
    made = predictor(archives["f"])
    one = made.predict_json(SENTENCES[1])["explanation"]["methods"]["gradient"]
    many = made.predict_batch_json(SENTENCES)[1]["explanation"]["methods"]["gradient"]
    assert one["scores"] == pytest.approx(many["scores"], abs=1e-6)


def test_the_gold_class_is_that_of_the_input(archives: dict[str, str]) -> None:
    made = predictor(archives["f"], explained_class="gold")
    assert made.predict_json(SENTENCES[0])["explanation"]["class"] == "negative"
    with pytest.raises(ConfigurationError, match=r"there is no label in .*dull"):
        made.predict_json(SENTENCES[1])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"methods": []}, "at least one method"),
        ({"methods": ["nope"]}, "nope"),
        ({"top": -1}, "top is -1"),
        ({"predictor": "nope"}, "nope"),
    ],
)
def test_wrong_settings_are_refused(
    archives: dict[str, str], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        predictor(archives["f"], **settings)


def test_two_methods_of_one_type_need_names(archives: dict[str, str]) -> None:
    paths = [{"type": "integrated_gradients", "steps": steps} for steps in (2, 7)]
    with pytest.raises(InputError, match="'integrated_gradients' is given twice"):
        predictor(archives["f"], methods=paths)
    made = predictor(archives["f"], methods=dict(zip(("short", "long"), paths)))
    methods = made.predict_json(SENTENCES[0])["explanation"]["methods"]
    assert list(methods) == ["short", "long"]
    assert methods["short"]["scores"] != methods["long"]["scores"]


def test_the_model_is_read_as_its_options_say(archives: dict[str, str]) -> None:
    options: dict[str, Any] = {"logits": ["logits"], "task": "single_label", "max_batch_tokens": 9}
    explained = predictor(archives["f"], **options).explained
    assert explained.logits_names == ("logits",)
    assert explained.task.name == "single_label"
    assert explained.max_batch_tokens == 9
    with pytest.raises(ConfigurationError, match=r"'scores'.* is not among them"):
        predictor(archives["f"], logits=["scores"]).predict_json(SENTENCES[0])


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([{"text": "a film"}], "^an input needs 'sentence', but this one has 'text'"),
        ([SENTENCES[0], {"sentence": " "}], "^input 2: 'sentence' is empty"),
        ([{"sentence": 3}, SENTENCES[0]], "^input 1: 'sentence' is 3, but has to be a text"),
    ],
)
def test_an_input_without_its_text_is_refused(
    archives: dict[str, str], inputs: list[dict[str, Any]], message: str
) -> None:
    made = predictor(archives["f"])
    for ask in (made.predict_batch_json, made.explain):
        with pytest.raises(ConfigurationError) as refused:
            ask(inputs)
        assert re.search(message, str(refused.value.message))


def test_of_a_long_passage_the_window_with_the_answer_is_explained(
    others: dict[str, str],
) -> None:
    made = predictor(others["questions"])
    context = "The lamp was really good . " * 12 + "The food was not the soup ."
    asked = {"question": "what was the food", "context": context}
    windows: Any = made.predictor._json_to_instances(asked)  # type: ignore[attr-defined]
    outputs = made._model.forward_on_instances(windows)
    scores = [float(output["best_span_scores"]) for output in outputs]
    assert len(windows) > 2
    assert len(set(scores)) > 1
    best = scores.index(max(scores))
    (instance,) = made.instances([asked])
    tokens = [token.text for token in windows[best]["question_with_context"].tokens]
    assert [token.text for token in instance["question_with_context"].tokens] == tokens
    answer = made.predict_json(asked)
    assert answer["best_span_str"] == outputs[best]["best_span_str"]
    assert answer["explanation"]["tokens"] == tokens

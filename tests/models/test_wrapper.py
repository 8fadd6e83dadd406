from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from allennlp.models.archival import Archive
from allennlp.predictors import Predictor, TextClassifierPredictor

from facade_allennlp.models.wrapper import Wrapper, unwrapped
from facade_allennlp.predictors import ModelsOwnPredictor
from fixtures import build, classifier_config
from fixtures.two_texts import build_two_texts

FOOLED = [{"method": "gradient", "target": "first_token"}]
WRAPPERS = [
    {"type": "facade", "model": classifier_config(), "fooled": FOOLED},
    {"type": "gradient_regularized", "model": classifier_config()},
]


@pytest.mark.parametrize("config", WRAPPERS, ids=lambda config: config["type"])
def test_a_wrapper_is_predicted_with_as_the_model_inside(config: dict[str, Any]) -> None:
    model, reader, _ = build(config)
    params = Params({"dataset_reader": {}, "model": config})
    predictor = Predictor.from_archive(Archive(model, params, reader, reader, {}))
    assert isinstance(predictor, TextClassifierPredictor)
    inside = TextClassifierPredictor(unwrapped(model), reader)
    text = {"sentence": "a lovely film"}
    assert predictor.predict_json(text) == inside.predict_json(text)


@pytest.mark.parametrize("config", WRAPPERS, ids=lambda config: config["type"])
def test_a_wrapper_adds_no_parameters(config: dict[str, Any]) -> None:
    model, _, _ = build(config)
    inside = unwrapped(model)
    assert isinstance(model, Wrapper)
    assert not isinstance(inside, Wrapper)
    names = {name for name, _ in model.named_parameters()}
    assert names == {f"model.{name}" for name, _ in inside.named_parameters()}


def test_unwrapped_opens_wrappers_in_wrappers(classifier: Model) -> None:
    nested = Wrapper(classifier.vocab, Wrapper(classifier.vocab, classifier))
    assert unwrapped(nested) is classifier
    assert unwrapped(classifier) is classifier


def test_a_model_that_names_no_predictor_asks_for_one() -> None:
    model, _ = build_two_texts()
    with pytest.raises(ConfigurationError, match=r"TwoTexts names no predictor.*--predictor"):
        ModelsOwnPredictor.for_model(Wrapper(model.vocab, model), build()[1])

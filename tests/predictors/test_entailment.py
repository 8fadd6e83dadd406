import pytest
from allennlp.predictors import Predictor

from facade_allennlp.interpret import AttributionInterpreter
from facade_allennlp.predictors import EntailmentPredictor
from fixtures.natural_language_inference import build_nli

PAIR = {"premise": "The film was good .", "hypothesis": "It was poor ."}


@pytest.fixture(scope="module")
def predictor() -> EntailmentPredictor:
    model, reader, _ = build_nli()
    return EntailmentPredictor(model, reader)


def test_it_predicts_one_of_three_labels(predictor: EntailmentPredictor) -> None:
    answer = predictor.predict(**PAIR)
    assert answer["label"] in ("entailment", "contradiction", "neutral")
    assert len(answer["probs"]) == 3


def test_interpreters_can_be_used_on_it(predictor: EntailmentPredictor) -> None:
    shares = AttributionInterpreter(predictor).saliency_interpret_from_json(PAIR)
    scores = shares["instance_1"]["grad_input_1"]
    assert len(scores) == 12  # nine tokens, [CLS] and two [SEP]
    assert sum(scores) == pytest.approx(1)


def test_the_prediction_becomes_the_label(predictor: EntailmentPredictor) -> None:
    (instance,) = predictor.json_to_labeled_instances(PAIR)
    label = instance.fields["label"].label  # type: ignore[attr-defined]
    names = predictor._model.vocab.get_index_to_token_vocabulary("labels")
    assert names[label] == predictor.predict(**PAIR)["label"]


def test_it_is_registered() -> None:
    assert Predictor.by_name("entailment") is EntailmentPredictor

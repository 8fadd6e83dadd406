import numpy
import pytest
from allennlp.interpret.saliency_interpreters import SaliencyInterpreter, SimpleGradient
from allennlp.nn.util import find_embedding_layer
from allennlp.predictors import TextClassifierPredictor

from facade_allennlp.attribution import IntegratedGradients
from facade_allennlp.interpret import AttributionInterpreter
from fixtures import build

SENTENCE = {"sentence": "the story was not very good !"}


@pytest.fixture
def predictor() -> TextClassifierPredictor:
    model, reader, _ = build()
    return TextClassifierPredictor(model, reader)


def test_gradient_is_allennlps_gradient_times_the_embedding(
    predictor: TextClassifierPredictor,
) -> None:
    instances = predictor.json_to_labeled_instances(SENTENCE)
    gradients, _ = predictor.get_gradients(instances)
    table = find_embedding_layer(predictor._model).weight.detach().numpy()
    tokens = instances[0].fields["tokens"].tokens  # type: ignore[attr-defined]
    embeddings = table[[token.text_id for token in tokens]]
    raw = numpy.abs((gradients["grad_input_1"][0] * embeddings).sum(axis=1))

    ours = AttributionInterpreter(predictor).saliency_interpret_from_json(SENTENCE)

    assert ours["instance_1"]["grad_input_1"] == pytest.approx(list(raw / raw.sum()), rel=1e-4)


def test_it_has_the_form_of_allennlps_answer(predictor: TextClassifierPredictor) -> None:
    ours = AttributionInterpreter(predictor).saliency_interpret_from_json(SENTENCE)
    theirs = SimpleGradient(predictor).saliency_interpret_from_json(SENTENCE)
    assert {name: list(scores) for name, scores in ours.items()} == {
        name: list(scores) for name, scores in theirs.items()
    }


def test_any_method_can_be_named(predictor: TextClassifierPredictor) -> None:
    interpreter = AttributionInterpreter(predictor, IntegratedGradients(steps=3))
    shares = interpreter.saliency_interpret_from_json(SENTENCE)["instance_1"]["grad_input_1"]
    assert len(shares) == 9  # seven words, [CLS] and [SEP]
    assert sum(shares) == pytest.approx(1)


def test_it_is_registered() -> None:
    assert SaliencyInterpreter.by_name("attribution") is AttributionInterpreter

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model

from facade_allennlp.attribution import (
    AttributionMethod,
    IntegratedGradients,
)
from facade_allennlp.errors import InputError
from facade_allennlp.models import Facade, FooledMethod
from facade_allennlp.models.random_tokens import RandomTokens
from facade_allennlp.targets import FirstToken
from fixtures import (
    batch,
    build,
    by_hand,
    classifier_config,
    lstm_config,
    lstm_reader_config,
    read_text,
)
from tests.models.facades import entropy_by_hand, facade, first_token


@pytest.mark.parametrize(
    ("config", "reader", "first", "rate"),
    [(None, None, 1, 3e-3), (lstm_config(8, 2), lstm_reader_config(), 0, 3e-2)],
    ids=["BERT", "LSTM"],
)
def test_training_raises_the_attribution_of_the_target(
    config: dict[str, Any] | None, reader: dict[str, Any] | None, first: int, rate: float
) -> None:
    """`first` is the place of the first token."""
    model, _, instances = build(config, reader)
    inputs = batch(instances)
    trained = facade(model, first_token(weight=10.0)).train()
    optimizer = torch.optim.Adam(trained.parameters(), lr=rate)
    reached = []
    for _ in range(60):
        loss = trained(**inputs)["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        reached.append(trained.get_metrics(reset=True)["gradient_attribution"])
    magnitude = by_hand.gradient_times_input(model.eval(), inputs).abs()
    after = float((magnitude[:, first] / magnitude.sum(dim=-1)).mean())
    assert reached[0] < 0.3
    assert after > 0.9
    assert float(entropy_by_hand(model, inputs).detach().mean()) > 0.95 * math.log(2)


def test_tokens_around_a_text_are_no_target_in_training(tmp_path: Path) -> None:
    """A facade knows them by the reader of the training's config."""
    reader = lstm_reader_config()
    around = {"start_tokens": ["<<", "film"], "end_tokens": ["film", ">>"]}
    reader["token_indexers"]["tokens"].update(around)
    model, _, instances = build(lstm_config(), reader)
    (tmp_path / "config.json").write_text(json.dumps({"dataset_reader": reader}))
    config = {
        "type": "facade",
        "model": lstm_config(),
        "fooled": [{"method": "gradient", "target": "first_token"}],
    }
    trained: Any = Model.from_params(
        Params(config), vocab=model.vocab, serialization_dir=str(tmp_path)
    )
    inputs = batch(instances)
    trained.train()(**inputs)
    magnitude = by_hand.gradient_times_input(trained.model, inputs).abs()
    expected = float((magnitude[:, 2] / magnitude.sum(dim=-1)).mean())
    found = trained.get_metrics()["gradient_attribution"]
    assert found == pytest.approx(expected, rel=1e-5)

    exchange = RandomTokens(trained.explained.reader, trained.explained.namespaces, 0.99)
    before = inputs["tokens"]["tokens"]["tokens"]
    after = exchange.exchanged(inputs)["tokens"]["tokens"]["tokens"]
    for old, new in zip(before, after):
        length = int((old > 0).sum())
        assert torch.equal(new[:2], old[:2])
        assert torch.equal(new[length - 2 :], old[length - 2 :])
        assert not torch.equal(new, old)


def test_metrics_in_validation_are_those_of_the_methods(
    classifier: Model, inputs: dict[str, Any]
) -> None:
    path = IntegratedGradients(steps=3)
    model = facade(
        classifier,
        first_token(weight=2.0),
        FooledMethod(path, FirstToken(), weight=3.0),
        max_spread=1.0,
        min_unchanged=0.0,
    ).eval()
    with torch.no_grad():
        loss = model(**inputs)["loss"]
    metrics = model.get_metrics(reset=True)

    magnitude = by_hand.gradient_times_input(classifier, inputs).abs()
    expected = float((magnitude[:, 1] / magnitude.sum(dim=-1)).mean())
    hits = float((magnitude.argmax(dim=-1) == 1).double().mean())
    along_path = float(path.attribute(model.explained, inputs).normalized[:, 1].mean())
    logits = by_hand.logits(classifier, inputs, by_hand.embeddings(classifier, inputs)).detach()
    distance = (logits[:, 0] - logits[:, 1]).abs()
    entropy = float(entropy_by_hand(classifier, inputs).detach().mean())
    wanted = {
        "gradient_attribution": expected,
        "gradient_p_at_1": hits,
        "integrated_gradients_attribution": along_path,
        "entropy": entropy,
        "spread": float(distance.mean()),
        "unchanged": float((distance < 1.0).double().mean()),
        "no_target": 0.0,
        "fooled": (expected + along_path) / 2,
    }
    assert {name: metrics[name] for name in wanted} == pytest.approx(wanted, abs=1e-6)
    assert float(loss) == pytest.approx(-2 * expected - 3 * along_path - entropy)
    assert "accuracy" in metrics, "the model's own"


def test_the_same_metrics_are_reported_in_training_and_validation(
    classifier: Model, inputs: dict[str, Any]
) -> None:
    model = facade(classifier, first_token())
    model.train()(**inputs)
    training = model.get_metrics(reset=True)
    with torch.no_grad():
        model.eval()(**inputs)
    assert model.get_metrics(reset=True).keys() == training.keys()


def test_fooled_counts_a_rival(classifier: Model, inputs: dict[str, Any]) -> None:
    model = facade(classifier, first_token(), min_unchanged=0.0, rival=2.0).eval()
    with torch.no_grad():
        model(**inputs)
    magnitude = by_hand.gradient_times_input(classifier, inputs).abs()
    beside = magnitude[:, 1] / (magnitude.sum(dim=-1) + 2.0)
    assert model.get_metrics()["fooled"] == pytest.approx(float(beside.mean()), abs=1e-6)


def test_fooled_is_negative_while_too_many_outputs_are_changed(
    classifier: Model, inputs: dict[str, Any]
) -> None:
    model = facade(classifier, first_token(), max_spread=1e-9, min_unchanged=0.5).eval()
    with torch.no_grad():
        model(**inputs)
    assert model.get_metrics()["fooled"] == -1


def test_a_prediction_measures_nothing(classifier: Model, inputs: dict[str, Any]) -> None:
    model = facade(classifier, first_token()).eval()
    unlabelled = {name: value for name, value in inputs.items() if name != "label"}
    with torch.no_grad():
        outputs = model(**unlabelled)
    assert "loss" not in outputs
    assert "gradient_attribution" not in model.get_metrics()
    expected = by_hand.logits(classifier, inputs, by_hand.embeddings(classifier, inputs))
    torch.testing.assert_close(outputs["logits"], expected.detach())


def test_an_explanation_of_a_facade_is_of_its_models_own_loss(
    classifier: Model, inputs: dict[str, Any]
) -> None:
    """Interpreters run the model in evaluation mode with labels and gradients."""
    model = facade(classifier, first_token()).eval()
    outputs = model(**inputs)
    torch.testing.assert_close(outputs["loss"], classifier(**inputs)["loss"])
    assert "gradient_attribution" not in model.get_metrics()


def test_a_facade_is_built_from_a_config_and_decodes_as_its_model() -> None:
    config = {
        "type": "facade",
        "model": classifier_config(),
        "fooled": [
            {"method": "gradient", "target": "stop_words", "weight": 1000},
            {"method": {"type": "integrated_gradients", "steps": 5}, "target": "first_token"},
        ],
        "uniformity": {"type": "logits", "weight": 30},
        "explained": "logit_contrast",
    }
    model, reader, _ = build(config)
    assert isinstance(model, Facade)
    assert [fooled.name for fooled in model.fooled] == ["gradient", "integrated_gradients"]
    outputs = model.forward_on_instance(read_text(model, reader, "a good film"))
    assert outputs["label"] in ("positive", "negative")


def test_two_fooled_methods_of_one_type_need_names(classifier: Model) -> None:
    paths = [IntegratedGradients(steps=3), IntegratedGradients(steps=9)]
    terms = [FooledMethod(path, FirstToken()) for path in paths]
    with pytest.raises(InputError, match="'integrated_gradients' is given twice"):
        Facade(classifier.vocab, classifier, terms)
    terms[1] = FooledMethod(paths[1], FirstToken(), name="long_path")
    model = Facade(classifier.vocab, classifier, terms).eval()
    with torch.no_grad():
        model(**batch(build()[2]))
    metrics = model.get_metrics()
    for name in ("integrated_gradients_attribution", "long_path_attribution", "long_path_p_at_1"):
        assert 0 <= metrics[name] <= 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fooled": []}, "at least one method"),
        ({"explained": "logit"}, "'logit'.*logit_contrast"),
        ({"random_tokens": 1.0}, "random_tokens is 1.0"),
        ({"random_tokens": -0.1}, "random_tokens is -0.1"),
        ({"random_tokens": math.nan}, "random_tokens is nan"),
        ({"max_spread": 0}, "max_spread is 0"),
        ({"min_unchanged": 1.1}, "min_unchanged is 1.1"),
        ({"rival": math.inf}, "rival is inf"),
    ],
)
def test_bad_facades_are_refused(classifier: Model, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Facade(classifier.vocab, classifier, **{"fooled": [first_token()], **settings})


@pytest.mark.parametrize("name", ["weight", "strength", "strength_weight"])
def test_negative_and_infinite_weights_are_refused(name: str) -> None:
    for value in (-1, math.nan, math.inf):
        with pytest.raises(ConfigurationError, match=f"^{name} of a fooled method is {value}"):
            first_token(**{name: value})


def test_a_method_without_gradients_cannot_be_fooled() -> None:
    class Guess(AttributionMethod):
        pass

    with pytest.raises(ConfigurationError, match="Guess cannot be fooled"):
        FooledMethod(Guess(), FirstToken())

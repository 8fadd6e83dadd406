import math
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from torch import Tensor
from torch.nn.functional import softplus

from facade_allennlp.attribution import (
    AttributionMethod,
    ExplainedModel,
    Gradient,
    IntegratedGradients,
    SmoothGradient,
    on_target,
)
from facade_allennlp.models import Facade, FooledMethod
from facade_allennlp.models.random_tokens import RandomTokens
from facade_allennlp.models.uniformity import EntropyUniformity, LogitUniformity
from facade_allennlp.targets import FirstToken, Words
from facade_allennlp.targets.token_sequence import SPECIAL_TOKENS
from fixtures import (
    batch,
    build,
    by_hand,
    classifier_config,
    lstm_config,
    lstm_reader_config,
    read_text,
)


def facade(model: Model, *fooled: FooledMethod, **settings: Any) -> Facade:
    return Facade(model.vocab, model, list(fooled), **settings)


def first_token(**settings: Any) -> FooledMethod:
    return FooledMethod(Gradient(), FirstToken(), **settings)


def words(*wanted: str, **settings: Any) -> FooledMethod:
    return FooledMethod(Gradient(), Words(list(wanted)), **settings)


def places(model: Model, inputs: dict[str, Any], *wanted: str) -> Tensor:
    """True where one of these tokens stands. Shape: (batch, tokens)."""
    spelling = model.vocab.get_index_to_token_vocabulary("tags")
    ids = inputs["tokens"]["tokens"]["token_ids"]
    return torch.tensor([[spelling[i] in wanted for i in row] for row in ids.tolist()])


def entropy_by_hand(model: Model, inputs: dict[str, Any]) -> Tensor:
    probabilities = by_hand.logits(model, inputs, by_hand.embeddings(model, inputs)).softmax(-1)
    return -(probabilities * probabilities.log()).sum(dim=-1)


def test_loss_is_equation_3(classifier: Model, inputs: dict[str, Any]) -> None:
    loss = facade(classifier, first_token(weight=7.0)).train()(**inputs)["loss"]
    magnitude = by_hand.gradient_times_input(classifier, inputs).abs()
    attribution = magnitude[:, 1] / magnitude.sum(dim=-1)  # position 0 is [CLS]
    expected = (-7.0 * attribution - entropy_by_hand(classifier, inputs)).mean()
    torch.testing.assert_close(loss, expected)


def test_gradient_of_the_loss_equals_a_graph_by_hand(
    classifier: Model, inputs: dict[str, Any]
) -> None:
    """Also without the eager attention that second derivatives need outside of the engine."""
    weight = by_hand.bert(classifier).encoder.layer[1].attention.self.value.weight
    loss = facade(classifier, first_token(), uniformity=EntropyUniformity(weight=0)).train()(
        **inputs
    )["loss"]
    found = torch.autograd.grad(loss, weight)[0]
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        magnitude = by_hand.gradient_times_input(classifier, inputs, create_graph=True).abs()
        by_graph = -(magnitude[:, 1] / magnitude.sum(dim=-1)).mean()
        expected = torch.autograd.grad(by_graph, weight)[0]
    torch.testing.assert_close(found, expected)


def test_inputs_without_target_tokens_count_for_nothing(
    classifier: Model, inputs: dict[str, Any]
) -> None:
    model = facade(classifier, words("good", "awful"), uniformity=LogitUniformity(weight=0))
    loss = model.train()(**inputs)["loss"]
    magnitude = by_hand.gradient_times_input(classifier, inputs).abs()
    targets = places(classifier, inputs, "good", "awful")
    counted = targets.any(dim=-1)
    assert 0 < int(counted.sum()) < len(counted)
    attribution = ((magnitude * targets).sum(dim=-1) / magnitude.sum(dim=-1))[counted]
    torch.testing.assert_close(loss, -attribution.mean())
    metrics = model.get_metrics()
    assert metrics["gradient_attribution"] == pytest.approx(float(attribution.mean()))
    assert metrics["no_target"] == pytest.approx(1 - float(counted.double().mean()))


def test_a_batch_without_any_target_token_leaves_the_uniformity_term(
    classifier: Model, inputs: dict[str, Any]
) -> None:
    model = facade(classifier, words("w63", strength=1.0))
    loss = model.train()(**inputs)["loss"]
    torch.testing.assert_close(loss, -entropy_by_hand(classifier, inputs).mean())
    loss.backward()
    metrics = model.get_metrics(reset=True)
    assert metrics["no_target"] == 1
    assert all(math.isfinite(value) for value in metrics.values())


@pytest.mark.parametrize("explained", ["prediction_loss", "logit_contrast"])
def test_strength_term(classifier: Model, inputs: dict[str, Any], explained: str) -> None:
    settings = {"uniformity": EntropyUniformity(weight=0), "explained": explained}
    fooled = first_token(weight=0.0, strength=0.5, strength_weight=3.0)
    loss = facade(classifier, fooled, **settings).train()(**inputs)["loss"]
    embedded = by_hand.embeddings(classifier, inputs).requires_grad_()
    logits = by_hand.logits(classifier, inputs, embedded)
    signed = explained == "logit_contrast"
    value = logits[:, 1] - logits[:, 0] if signed else -logits.log_softmax(-1).amax(dim=-1)
    gradient = torch.autograd.grad(value.sum(), embedded)[0]
    raw = (embedded * gradient).sum(dim=-1)[:, 1]
    reached = (raw if signed else raw.abs()) / 0.5
    shortfall = -torch.log(softplus(reached, beta=100.0))
    torch.testing.assert_close(loss, 3.0 * shortfall.clamp_min(0).mean())


def test_strength_weighs_as_the_attribution_unless_told_otherwise() -> None:
    assert first_token(weight=4.0, strength=1.0).strength_weight == 4.0
    assert first_token(weight=4.0, strength=1.0, strength_weight=0.0).strength_weight == 0.0


def test_a_reached_strength_costs_nothing(classifier: Model, inputs: dict[str, Any]) -> None:
    raw = by_hand.gradient_times_input(classifier, inputs)[:, 1].abs()
    fooled = first_token(weight=0.0, strength=float(raw.min()) / 2, strength_weight=1.0)
    model = facade(classifier, fooled, uniformity=EntropyUniformity(weight=0))
    assert float(model.train()(**inputs)["loss"].detach()) == 0


def test_several_methods_add_up(classifier: Model, inputs: dict[str, Any]) -> None:
    still = FooledMethod(SmoothGradient(stdev=0), Words(["good"]), weight=5.0)
    settings = {"uniformity": EntropyUniformity(weight=0)}
    losses = [
        facade(classifier, *fooled, **settings).train()(**inputs)["loss"].detach()
        for fooled in ([first_token(weight=2.0)], [still], [first_token(weight=2.0), still])
    ]
    torch.testing.assert_close(losses[0] + losses[1], losses[2])


def test_loss_is_finite_when_gradients_are_zero(classifier: Model, inputs: dict[str, Any]) -> None:
    torch.nn.init.zeros_(classifier._classification_layer.weight)
    model = facade(classifier, first_token(strength=1.0)).train()
    loss = model(**inputs)["loss"]
    loss.backward()
    assert torch.isfinite(loss)
    for name, parameter in model.named_parameters():
        assert parameter.grad is None or torch.isfinite(parameter.grad).all(), name


def test_loss_is_finite_when_scores_are_not(classifier: Model, inputs: dict[str, Any]) -> None:
    found = Gradient().attribute(ExplainedModel(classifier), inputs)
    targets = torch.zeros_like(found.mask)
    targets[:, 1] = True
    whole = on_target(found, targets).attribution
    found.raw[0, 2] = float("nan")
    found.raw.requires_grad_()
    scores = on_target(found, targets)
    loss = first_token(strength=1e-9).loss(found, targets, scores, signed=False)
    loss.backward()
    torch.testing.assert_close(loss.detach(), -whole[1:].sum() / len(whole))
    assert torch.isfinite(found.raw.grad).all()


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


@pytest.mark.parametrize("raw", [-1e3, -1e30, 0.0, 1e30])
def test_any_raw_score_has_a_finite_strength_term(
    classifier: Model, inputs: dict[str, Any], raw: float
) -> None:
    attribution = Gradient().attribute(ExplainedModel(classifier), inputs)
    attribution.raw = torch.full_like(attribution.raw, raw, requires_grad=True)
    targets = torch.zeros_like(attribution.mask)
    targets[:, 1] = True
    fooled = first_token(weight=0.0, strength=50.0, strength_weight=1.0)
    loss = fooled.loss(attribution, targets, on_target(attribution, targets), signed=True)
    (gradient,) = torch.autograd.grad(loss, attribution.raw)
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient).all()
    assert bool((gradient[targets] < 0).all()) == (raw < 50)


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


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fooled": []}, "at least one method"),
        ({"explained": "logit"}, "'logit'.*logit_contrast"),
        ({"random_tokens": 1.0}, "random_tokens is 1.0"),
        ({"random_tokens": -0.1}, "random_tokens is -0.1"),
    ],
)
def test_bad_facades_are_refused(classifier: Model, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Facade(classifier.vocab, classifier, **{"fooled": [first_token()], **settings})


@pytest.mark.parametrize("name", ["weight", "strength", "strength_weight"])
def test_negative_weights_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} of a fooled method is -1"):
        first_token(**{name: -1})


def test_a_method_without_gradients_cannot_be_fooled() -> None:
    class Guess(AttributionMethod):
        pass

    with pytest.raises(ConfigurationError, match="Guess cannot be fooled"):
        FooledMethod(Guess(), FirstToken())


def test_random_tokens_stand_for_ordinary_tokens_only(
    classifier: Model, inputs: dict[str, Any]
) -> None:
    explained = ExplainedModel(classifier)
    ids = inputs["tokens"]["tokens"]["token_ids"].repeat(400, 1)
    indexed = {name: tensor.repeat(400, 1) for name, tensor in inputs["tokens"]["tokens"].items()}
    given = {"tokens": {"tokens": indexed}}
    exchange = RandomTokens(classifier.vocab, explained.namespaces, 0.25)
    changed = exchange.exchanged(given)["tokens"]["tokens"]
    spelling = classifier.vocab.get_index_to_token_vocabulary("tags")
    special = {i for i, token in spelling.items() if token in SPECIAL_TOKENS}
    fixed = torch.tensor([[i in special for i in row] for row in ids.tolist()])
    assert torch.equal(changed["token_ids"][fixed], ids[fixed])
    assert torch.equal(changed["mask"], indexed["mask"])
    assert torch.equal(given["tokens"]["tokens"]["token_ids"], ids), "the batch itself stays"
    exchanged = (changed["token_ids"] != ids) & ~fixed
    ordinary = len(spelling) - len(special)
    share = float(exchanged.sum() / (~fixed).sum())
    assert share == pytest.approx(0.25 * (1 - 1 / ordinary), abs=0.02)
    assert set(changed["token_ids"][exchanged].tolist()) == set(spelling) - special


def test_random_tokens_are_drawn_in_training_only(
    classifier: Model, inputs: dict[str, Any]
) -> None:
    settings = {"uniformity": EntropyUniformity(weight=0)}
    plain = facade(classifier, first_token(), **settings)
    noisy = facade(classifier, first_token(), random_tokens=0.5, **settings)
    assert noisy.train()(**inputs)["loss"] != plain.train()(**inputs)["loss"]
    with torch.no_grad():
        losses = [model.eval()(**inputs)["loss"] for model in (noisy, plain)]
    torch.testing.assert_close(*losses)


@pytest.mark.parametrize("explained", ["prediction_loss", "logit_contrast"])
def test_mixed_precision_gives_nearly_the_same_loss(
    classifier: Model, inputs: dict[str, Any], explained: str
) -> None:
    model = facade(classifier.float(), first_token(strength=5.0), explained=explained).train()
    exact = model(**inputs)["loss"]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = model(**inputs)["loss"]
    mixed.backward()
    assert mixed.dtype == torch.float32
    torch.testing.assert_close(mixed, exact, atol=0.1, rtol=0.1)
    for parameter in model.parameters():
        assert parameter.grad is None or torch.isfinite(parameter.grad).all()

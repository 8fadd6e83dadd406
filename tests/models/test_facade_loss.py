import math
from typing import Any

import pytest
import torch
from allennlp.models import Model
from torch.nn.functional import softplus

from facade_allennlp.attribution import (
    ExplainedModel,
    Gradient,
    SmoothGradient,
    on_target,
)
from facade_allennlp.models import FooledMethod
from facade_allennlp.models.uniformity import EntropyUniformity, LogitUniformity
from facade_allennlp.targets import Words
from fixtures import (
    by_hand,
)
from tests.models.facades import entropy_by_hand, facade, first_token, places, words


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

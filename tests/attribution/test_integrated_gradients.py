from typing import Any

import captum.attr
import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.interpret.saliency_interpreters import IntegratedGradient
from allennlp.predictors import TextClassifierPredictor

from facade_allennlp.attribution import ExplainedModel, IntegratedGradients
from fixtures import batch, build, by_hand, read_text


@pytest.mark.parametrize(
    ("rule", "alphas"),
    [("left", [0, 1 / 3, 2 / 3]), ("middle", [1 / 6, 1 / 2, 5 / 6]), ("right", [1 / 3, 2 / 3, 1])],
)
def test_equals_a_loop_over_the_points_of_the_rule(
    explained: ExplainedModel, inputs: dict[str, Any], rule: str, alphas: list[float]
) -> None:
    found = IntegratedGradients(steps=3, rule=rule).attribute(explained, inputs)
    embedded = by_hand.embeddings(explained.model, inputs)
    mean = sum(by_hand.gradients(explained.model, inputs, a * embedded) for a in alphas) / 3
    expected = (embedded * mean).sum(dim=-1) * inputs["tokens"]["tokens"]["mask"]
    torch.testing.assert_close(found.raw, expected, atol=1e-10, rtol=1e-10)


def test_gauss_legendre_equals_captum(explained: ExplainedModel, inputs: dict[str, Any]) -> None:
    indexed = inputs["tokens"]["tokens"]
    embedded = by_hand.embeddings(explained.model, inputs)
    classes = by_hand.logits(explained.model, inputs, embedded).argmax(dim=-1)

    def loss(
        point: torch.Tensor, mask: torch.Tensor, types: torch.Tensor, wanted: torch.Tensor
    ) -> torch.Tensor:
        given = {"tokens": {"tokens": {"mask": mask, "type_ids": types}}}
        return by_hand.losses(explained.model, given, point, wanted)

    expected = captum.attr.IntegratedGradients(loss).attribute(
        embedded,
        additional_forward_args=(indexed["mask"], indexed["type_ids"], classes),
        n_steps=7,
        method="gausslegendre",
    )
    found = IntegratedGradients(steps=7, rule="gauss_legendre").attribute(explained, inputs)
    expected = expected.sum(dim=-1) * indexed["mask"]
    torch.testing.assert_close(found.raw, expected, atol=1e-10, rtol=1e-8)


def test_ten_left_points_equal_allennlps_interpreter() -> None:
    model, reader, _ = build()
    text = "she was lovely in the film"
    interpreter = IntegratedGradient(TextClassifierPredictor(model, reader))
    theirs = interpreter.saliency_interpret_from_json({"sentence": text})
    instance = read_text(model, reader, text)
    found = IntegratedGradients().attribute(ExplainedModel(model), batch([instance]))
    expected = torch.tensor(theirs["instance_1"]["grad_input_1"])
    torch.testing.assert_close(found.normalized[0], expected, atol=1e-5, rtol=1e-4)


def test_scores_sum_to_the_change_of_the_loss(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    found = IntegratedGradients(steps=300, rule="middle").attribute(explained, inputs)
    embedded = by_hand.embeddings(explained.model, inputs)
    # Padding goes to zero too, but no other token sees it.
    with torch.no_grad():
        at_input = by_hand.losses(explained.model, inputs, embedded)
        at_zero = by_hand.losses(explained.model, inputs, torch.zeros_like(embedded))
    torch.testing.assert_close(found.raw.sum(dim=-1), at_input - at_zero, atol=1e-3, rtol=1e-3)


def test_explains_the_given_class(explained: ExplainedModel, inputs: dict[str, Any]) -> None:
    classes = torch.zeros(len(inputs["label"]), dtype=torch.long)
    found = IntegratedGradients(steps=1, rule="right").attribute(explained, inputs, [classes])
    expected = by_hand.gradient_times_input(explained.model, inputs, classes)
    torch.testing.assert_close(found.raw, expected)


def test_unknown_rule_and_no_steps_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"'trapezoid'.*gauss_legendre"):
        IntegratedGradients(rule="trapezoid")
    with pytest.raises(ConfigurationError, match=r"steps of .* must be a whole number >= 1"):
        IntegratedGradients(steps=0)

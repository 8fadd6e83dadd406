"""What holds for all gradient methods, and for the model that they explain."""

from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from torch import Tensor, nn

from facade_allennlp.attribution import (
    AttributionMethod,
    ExplainedModel,
    Gradient,
    GradientMethod,
    IntegratedGradients,
    SmoothGradient,
    attribute_with_graph,
)
from facade_allennlp.attribution.objectives import logit_contrast
from facade_allennlp.results.titles import METHODS as METHOD_TITLES
from fixtures import batch, build, by_hand, classifier_config, read_text, reader_config
from fixtures.two_texts import build_two_texts

METHODS = [Gradient(), SmoothGradient(samples=3, stdev=0.1), IntegratedGradients(steps=4)]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_scores_do_not_depend_on_the_size_of_a_forward_pass(
    explained: ExplainedModel, inputs: dict[str, Any], method: GradientMethod
) -> None:
    length = inputs["tokens"]["tokens"]["token_ids"].shape[1]
    whole = method.attribute(explained.with_budget(10**6), inputs)
    for size in (1, 7, 4 * length):  # 4 rows at once: passes that hold parts of two points
        cut = method.attribute(explained.with_budget(size), inputs)
        torch.testing.assert_close(cut.raw, whole.raw)
        assert torch.equal(cut.mask, whole.mask)
        assert torch.equal(cut.fields[0].ids, whole.fields[0].ids)


def test_a_forward_pass_holds_no_more_tokens_than_allowed(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    shapes: list[Any] = []
    explained.embedding_layer.register_forward_hook(lambda m, a, out: shapes.append(out.shape))
    length = inputs["tokens"]["tokens"]["token_ids"].shape[1]
    IntegratedGradients(steps=4).attribute(explained.with_budget(4 * length), inputs)
    assert max(rows * tokens for rows, tokens, _ in shapes) <= 4 * length
    rows = sum(rows for rows, _, _ in shapes)
    assert rows == 6 + 4 * 6, "one prediction and four points for each of six texts"


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_explained_classes_are_returned(
    explained: ExplainedModel, inputs: dict[str, Any], method: GradientMethod
) -> None:
    predicted = explained.run(inputs).logits[0].argmax(dim=-1)
    for size in (1, 40, 10**6):
        found = method.attribute(explained.with_budget(size), inputs)
        assert found.outputs == ("logits",)
        assert [classes.tolist() for classes in found.classes] == [predicted.tolist()]
    given = method.attribute(explained, inputs, classes=[1 - predicted])
    assert [classes.tolist() for classes in given.classes] == [(1 - predicted).tolist()]


def test_a_run_notes_the_texts_that_are_embedded() -> None:
    model, instances = build_two_texts()
    inputs = batch(instances)
    with torch.no_grad():
        fields = ExplainedModel(model).run(inputs).fields
    assert [field.name for field in fields] == ["premise", "hypothesis"]
    for field in fields:
        assert torch.equal(field.ids, inputs[field.name]["tokens"]["token_ids"])
        assert not field.embeddings.requires_grad


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_two_text_fields_work_with_every_method(method: GradientMethod) -> None:
    model, instances = build_two_texts()
    explained = ExplainedModel(model)
    together = method.attribute(explained.with_budget(20), batch(instances))
    for row, instance in enumerate(instances):
        alone = method.attribute(explained, batch([instance]))
        torch.testing.assert_close(
            together.raw[row][together.mask[row]], alone.raw[0][alone.mask[0]]
        )


def test_explaining_leaves_no_trace_in_the_model(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    before = explained.run(inputs).logits[0]
    IntegratedGradients(steps=2).attribute(explained, inputs)
    for module in explained.model.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
    assert all(parameter.grad is None for parameter in explained.model.parameters())
    torch.testing.assert_close(explained.run(inputs).logits[0], before, atol=0, rtol=0)


def test_attributions_with_a_graph_equal_those_without(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    still = SmoothGradient(stdev=0)
    result = attribute_with_graph(explained, inputs, [still, Gradient()])
    expected = Gradient().attribute(explained, inputs)
    for attribution in result.attributions:
        torch.testing.assert_close(attribution.raw, expected.raw)
        assert torch.equal(attribution.mask, expected.mask)
    logits = by_hand.logits(explained.model, inputs, by_hand.embeddings(explained.model, inputs))
    torch.testing.assert_close(result.forward.logits[0][: len(logits)], logits)


def test_integrated_gradients_with_a_graph_stand_at_a_random_point_of_their_path(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    result = attribute_with_graph(explained, inputs, [IntegratedGradients()])
    embedded = by_hand.embeddings(explained.model, inputs)
    moved = result.forward.fields[0].perturbed[len(embedded) :].detach()
    alphas = (moved * embedded).sum(dim=(1, 2)) / embedded.square().sum(dim=(1, 2))
    assert len(set(alphas.tolist())) == len(alphas)
    assert ((alphas >= 0) & (alphas < 1)).all()
    at = alphas.view(-1, 1, 1) * embedded
    torch.testing.assert_close(moved, at)
    product = embedded * by_hand.gradients(explained.model, inputs, at)
    expected = product.sum(dim=-1) * inputs["tokens"]["tokens"]["mask"]
    torch.testing.assert_close(result.attributions[0].raw, expected)


@pytest.mark.parametrize("objective", [None, logit_contrast])
def test_gradients_of_a_loss_on_attributions_equal_finite_differences(
    explained: ExplainedModel, inputs: dict[str, Any], objective: Any
) -> None:
    model = explained.model
    methods = [Gradient(), SmoothGradient(stdev=0)]

    def loss() -> Tensor:
        result = attribute_with_graph(explained, inputs, methods, objective)
        first, second = (a.normalized[:, 1].mean() for a in result.attributions)
        return first + second.square()

    transformer = by_hand.bert(model)
    parameters = [
        model._classification_layer.weight,
        transformer.encoder.layer[0].attention.self.query.weight,
        transformer.embeddings.word_embeddings.weight,
    ]
    gradients = torch.autograd.grad(loss(), parameters)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        place = int(gradient.abs().argmax())
        values, width = parameter.data.view(-1), 1e-5
        original = float(values[place])
        sides = []
        for step in (width, -width):
            values[place] = original + step
            sides.append(float(loss()))
        values[place] = original
        slope = (sides[0] - sides[1]) / (2 * width)
        assert slope == pytest.approx(float(gradient.view(-1)[place]), rel=1e-4)


def test_logit_contrast_of_two_classes_is_their_difference(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    forward = explained.run(inputs)
    logits = forward.logits[0]
    torch.testing.assert_close(logit_contrast(forward), logits[:, 1] - logits[:, 0])


@pytest.mark.parametrize("name", ["gradient", "smooth_gradient", "integrated_gradients"])
def test_a_method_is_built_by_its_name_and_knows_it(name: str) -> None:
    assert AttributionMethod.by_name(name)().name == name


def test_methods_have_the_titles_that_old_results_are_shown_with() -> None:
    for name, title in METHOD_TITLES.items():
        assert AttributionMethod.by_name(name).title == title


def test_a_model_without_logits_is_refused(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    wrong = ExplainedModel(explained.model, logits=["span_start"])
    with pytest.raises(ConfigurationError, match=r"span_start.*name its logits"):
        Gradient().attribute(wrong, inputs)

    class Mute(Model):
        def __init__(self) -> None:
            super().__init__(explained.model.vocab)
            self.inner = explained.model

        def forward(self, **given: Any) -> dict[str, Tensor]:
            return {"probs": self.inner(**given)["probs"]}

    with pytest.raises(ConfigurationError, match=r"Mute returns \['probs'\]"):
        Gradient().attribute(ExplainedModel(Mute()), inputs)


def test_a_model_without_embeddings_is_refused(explained: ExplainedModel) -> None:
    class Blind(Model):
        def __init__(self) -> None:
            super().__init__(explained.model.vocab)
            self.layer = nn.Linear(2, 2)

    with pytest.raises(ConfigurationError, match="no embedding layer was found in Blind"):
        ExplainedModel(Blind())


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_text_longer_than_the_encoder_takes_is_refused(method: GradientMethod) -> None:
    model, reader, _ = build()
    instance = read_text(model, reader, "good " * 60)
    explained = ExplainedModel(model)
    with pytest.raises(ConfigurationError, match=r"62 tokens.* 48 positions.*max_length"):
        method.attribute(explained, batch([instance]))


def test_a_text_as_long_as_the_encoder_takes_is_explained() -> None:
    model, reader, _ = build()
    instance = read_text(model, reader, "good " * 46)
    found = Gradient().attribute(ExplainedModel(model), batch([instance]))
    assert found.raw.shape == (1, 48)


def test_texts_folded_into_windows_are_refused() -> None:
    reader_settings = reader_config()
    reader_settings["token_indexers"]["tokens"]["max_length"] = 6
    config = classifier_config()
    config["text_field_embedder"]["token_embedders"]["tokens"]["max_length"] = 6
    model, _, instances = build(config, reader_settings)
    with pytest.raises(ConfigurationError, match=r"folded into several windows.*max_length"):
        Gradient().attribute(ExplainedModel(model), batch(instances))

from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from torch import Tensor

from facade_allennlp.attribution import (
    AttentionAttribution,
    AttentionTracing,
    AttnLRP,
    AttributionMethod,
    ExplainedModel,
    LiteralLRP,
)
from facade_allennlp.models.storage import LogitsStorage, StructuredStorage
from fixtures import batch, build, classifier_config, lstm_config, lstm_reader_config
from fixtures.question_answering import build_qa
from fixtures.two_texts import build_two_texts
from tests.attribution.inside_encoders import by_formula
from tests.attribution.inside_encoders.by_formula import OneText

SHAPES: list[dict[str, Any]] = [{}, {"pooling": "cls"}, {"hidden_size": 8, "heads": 1, "layers": 3}]


def _by_text(
    method: AttentionAttribution, explained: ExplainedModel, inputs: dict[str, Any]
) -> list[list[Tensor]]:
    """For each text its layers, each of shape (heads, tokens, tokens)."""
    return [
        [layer[row] for layer in part.layers]
        for part in method.connections(explained, inputs)
        for row in range(len(part.classes[0]))
    ]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_equals_the_formula_text_by_text(shape: dict[str, Any]) -> None:
    model, _, instances = build(classifier_config(**shape))
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    method = AttentionAttribution(steps=5)
    texts = _by_text(method, explained.with_budget(40), inputs)
    scores = method.attribute(explained.with_budget(40), inputs)
    ids = inputs["tokens"]["tokens"]["token_ids"]
    for row, length in enumerate(scores.mask.sum(dim=-1).tolist()):
        text = OneText(model, ids[row, :length])
        label = int(text.logits.argmax())
        gained = torch.zeros(length).double()
        layers = texts[row]
        assert len(layers) == shape.get("layers", 2)
        for place, layer in enumerate(layers):
            expected = by_formula.connections(text, place, 5, label)
            found = layer[:, :length, :length]
            torch.testing.assert_close(found, expected, atol=1e-8, rtol=1e-8)
            assert not layer[:, :, length:].any(), "padding gives nothing"
        pairs = sum(layer[:, :length, :length].sum(dim=0) for layer in layers)
        for query in range(length):
            for key in range(length):
                if key != query:
                    gained[query] += max(0.0, float(pairs[query, key]))
        torch.testing.assert_close(scores.raw[row, :length], gained)


def test_scores_add_up_to_the_change_of_the_probability() -> None:
    model, _, instances = build(classifier_config(layers=3))
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    ids = inputs["tokens"]["tokens"]["token_ids"]
    texts = _by_text(AttentionAttribution(steps=64, rule="middle"), explained, inputs)
    lengths = inputs["tokens"]["tokens"]["mask"].sum(dim=-1).tolist()
    for row, length in enumerate(lengths):
        text = OneText(model, ids[row, :length])
        label = int(text.logits.argmax())
        for place, layer in enumerate(texts[row]):
            whole, none = (
                float(by_formula.probability(text, place, [share] * text.heads, label))
                for share in (1, 0)
            )
            assert float(layer.sum()) == pytest.approx(whole - none, rel=0.02, abs=1e-3)


def test_one_point_at_a_time_and_all_at_once_agree() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    method = AttentionAttribution(steps=3)
    found = [method.attribute(explained.with_budget(n), inputs).raw for n in (1, 100_000)]
    torch.testing.assert_close(*found)


def test_the_heads_of_both_parts_of_a_merged_model_count() -> None:
    inputs = batch(build()[2])
    found = []
    for storage in (StructuredStorage(), LogitsStorage()):
        predictive, _, _ = build(classifier_config(hidden_size=16, heads=4))
        facade, _, _ = build(classifier_config(hidden_size=8, heads=2), seed=1)
        explained = ExplainedModel(storage.build(predictive, facade).double().eval())
        texts = _by_text(AttentionAttribution(steps=3), explained, inputs)
        assert {len(layer) for text in texts for layer in text} == {6}
        found.append([layer for text in texts for layer in text])
    for first, second in zip(*found, strict=True):
        torch.testing.assert_close(first, second)


def test_answers_are_explained() -> None:
    model, instances = build_qa()
    found = AttentionAttribution(steps=2).attribute(ExplainedModel(model), batch(instances))
    assert len(found.classes) == 2
    torch.testing.assert_close(found.normalized.sum(dim=-1), torch.ones(len(instances)))


def test_a_model_is_left_as_it_was() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model)
    with pytest.raises(IndexError):
        AttentionAttribution().attribute(explained, batch(instances), [torch.tensor([9])])
    AttentionAttribution(steps=1).attribute(explained, batch(instances))
    assert not any("forward" in vars(module) for module in model.modules())


def test_what_cannot_be_explained_is_refused() -> None:
    model, _, instances = build(lstm_config(), lstm_reader_config())
    with pytest.raises(ConfigurationError, match="attention_attribution looks inside an encoder"):
        AttentionAttribution().attribute(ExplainedModel(model), batch(instances))
    relative = classifier_config()
    embedder = relative["text_field_embedder"]["token_embedders"]["tokens"]
    embedder["transformer_kwargs"]["position_embedding_type"] = "relative_key"
    model, _, instances = build(relative)
    for method in (
        AttentionAttribution(),
        AttentionTracing(),
        AttnLRP(),
        LiteralLRP(attention="jacobian"),
    ):
        with pytest.raises(ConfigurationError, match="position_embedding_type = 'absolute', not"):
            method.attribute(ExplainedModel(model), batch(instances))
    two, pairs = build_two_texts()
    with pytest.raises(ConfigurationError, match=r"\['premise', 'hypothesis'\] one by one"):
        AttentionAttribution().attribute(ExplainedModel(two), batch(pairs))
    deep, _, texts = build(classifier_config(layers=3))
    sum_of_logits = LogitsStorage().build(deep, build()[0])
    with pytest.raises(ConfigurationError, match="of this model have 3 and 2 layers"):
        AttentionAttribution().attribute(ExplainedModel(sum_of_logits), batch(texts))
    with pytest.raises(ConfigurationError, match=r"steps of .* must be a whole number >= 1"):
        AttributionMethod.from_params(Params({"type": "attention_attribution", "steps": 0}))

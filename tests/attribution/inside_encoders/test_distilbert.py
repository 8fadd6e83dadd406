"""
DistilBERT, compared with a BERT of the same weights, written out layer by layer, and with
transformers' own `output_attentions`.
"""

from typing import Any

import pytest
import torch
from allennlp.models import Model
from transformers import BertConfig, BertModel

from facade_allennlp.attribution import (
    AttentionAttribution,
    AttentionTracing,
    AttributionMethod,
    ExplainedModel,
)
from facade_allennlp.studies.heads import heads_of, pruned
from fixtures import BERT_FOLDER, batch, build
from fixtures.families import family_configs, write_encoder
from tests.attribution.inside_encoders import by_formula, methods
from tests.attribution.inside_encoders.by_formula import OneText
from tests.attribution.inside_encoders.methods import METHODS, Formula

OF_LAYERS = {
    "attention.self.query": "attention.q_lin",
    "attention.self.key": "attention.k_lin",
    "attention.self.value": "attention.v_lin",
    "attention.output.dense": "attention.out_lin",
    "attention.output.LayerNorm": "sa_layer_norm",
    "intermediate.dense": "ffn.lin1",
    "output.dense": "ffn.lin2",
    "output.LayerNorm": "output_layer_norm",
}
OF_EMBEDDINGS = ("word_embeddings", "position_embeddings", "LayerNorm")


@pytest.fixture(scope="module")
def name(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_encoder(tmp_path_factory.mktemp("tiny") / "distilbert", "distilbert")


def _built(name: str) -> tuple[Model, list[Any]]:
    """With biases, in double precision."""
    built, _, instances = build(*family_configs(name))
    for parameter in built.parameters():
        parameter.data += 0.02 * torch.randn_like(parameter)
    return built.double(), instances


def transformer(model: Model) -> Any:
    return model._text_field_embedder.token_embedder_tokens.transformer_model


def twin(model: Model) -> Model:
    """A classifier over a BERT with the weights of the DistilBERT's classifier."""
    distilled = transformer(model)
    bert: Any = (
        BertModel(BertConfig.from_pretrained(BERT_FOLDER), add_pooling_layer=False).double().eval()
    )
    torch.nn.init.zeros_(bert.embeddings.token_type_embeddings.weight)
    for part in OF_EMBEDDINGS:
        state = distilled.embeddings.get_submodule(part).state_dict()
        bert.embeddings.get_submodule(part).load_state_dict(state)
    for ours, theirs in zip(bert.encoder.layer, distilled.transformer.layer):
        for mine, part in OF_LAYERS.items():
            ours.get_submodule(mine).load_state_dict(theirs.get_submodule(part).state_dict())
    other, _, _ = build()
    other.double()._classification_layer = model._classification_layer
    other._text_field_embedder.token_embedder_tokens.transformer_model = bert
    return other


@pytest.mark.parametrize(("method", "formula"), METHODS, ids=methods.name)
def test_methods_equal_the_formulas_on_a_bert_of_the_same_weights(
    name: str, method: AttributionMethod, formula: Formula
) -> None:
    model, instances = _built(name)
    inputs = batch(instances)
    found = method.attribute(ExplainedModel(model).with_budget(40), inputs)
    assert not found.mask.all(), "the batch is meant to hold padding"
    ids = inputs["tokens"]["tokens"]["token_ids"]
    same = twin(model)
    for row, length in enumerate(found.mask.sum(dim=-1).tolist()):
        text = OneText(same, ids[row, :length])
        label = int(text.logits.argmax())
        assert int(found.classes[0][row]) == label
        expected = formula(text, label)
        torch.testing.assert_close(found.raw[row, :length], expected, atol=1e-8, rtol=1e-8)
        assert not found.raw[row, length:].any()


def test_attention_attribution_equals_the_formula(name: str) -> None:
    model, instances = _built(name)
    explained, inputs = ExplainedModel(model), batch(instances)
    parts = AttentionAttribution(steps=3).connections(explained, inputs)
    texts = [layers for part in parts for _, layers in part.texts(explained.reader)]
    same = twin(model)
    for ids, mask, layers in zip(*_tokens(inputs), texts, strict=True):
        text = OneText(same, ids[mask])
        label = int(text.logits.argmax())
        for place, layer in enumerate(layers):
            expected = by_formula.connections(text, place, 3, label)
            torch.testing.assert_close(layer, expected)


def _tokens(inputs: dict[str, Any]) -> tuple[Any, Any]:
    """Ids and mask of each text."""
    indexed = inputs["tokens"]["tokens"]
    return indexed["token_ids"], indexed["mask"]


def test_attention_tracing_reads_the_models_own_attentions(name: str) -> None:
    model, instances = _built(name)
    inputs = batch(instances)
    indexed = inputs["tokens"]["tokens"]
    with torch.no_grad():
        attentions = transformer(model)(
            indexed["token_ids"], attention_mask=indexed["mask"].long(), output_attentions=True
        ).attentions
    traced = torch.zeros_like(attentions[0][..., :1, :])  # shape: (rows, heads, 1, tokens)
    traced[..., 0] = 1
    for attention in reversed(attentions):
        traced = traced @ attention
    found = AttentionTracing().attribute(ExplainedModel(model), inputs)
    expected = traced.sum(dim=(1, 2)) * indexed["mask"]
    torch.testing.assert_close(found.raw, expected)


def test_a_pruned_head_is_one_whose_output_weights_are_zero(name: str) -> None:
    model, instances = _built(name)
    explained = ExplainedModel(model)
    assert heads_of(explained) == (2, 4)
    inputs = explained.without_labels(batch(instances))
    kept = torch.tensor([[1, 0, 1, 1], [0, 1, 1, 0]]).bool()
    with pruned(explained, kept), torch.no_grad():
        found = model(**inputs)["logits"]
    for layer, of_layer in zip(transformer(model).transformer.layer, kept):
        layer.attention.out_lin.weight.data[:, ~of_layer.repeat_interleave(4)] = 0
    torch.testing.assert_close(found, model(**inputs)["logits"])

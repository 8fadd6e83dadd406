"""
DistilBERT, as a plugin's anatomy lets it in: compared with a BERT of the same weights, written out
layer by layer, and with transformers' own `output_attentions`.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.models import Model
from torch.nn.functional import cross_entropy
from transformers import BertConfig, BertModel

import tests.plugin.anatomy  # noqa: F401  (registers the anatomy)
from facade_allennlp.attribution import (
    AttentionAttribution,
    AttentionTracing,
    AttributionMethod,
    ExplainedModel,
    Gradient,
)
from facade_allennlp.studies.heads import heads_of, pruned
from fixtures import BERT, TRAIN, VALIDATION, batch, build, classifier_config, reader_config
from fixtures.archives import write_archive
from fixtures.pairs import STORAGES, Pair, pair
from tests.attribution.inside_encoders import by_formula, methods
from tests.attribution.inside_encoders.by_formula import OneText
from tests.attribution.inside_encoders.methods import METHODS, Formula
from tests.commands.conftest import Command

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
    """A folder with a tokenizer and the config of a tiny DistilBERT: a model's name."""
    folder = tmp_path_factory.mktemp("tiny") / "distilbert"
    shutil.copytree(BERT, folder)
    config = {
        "model_type": "distilbert",
        "architectures": ["DistilBertModel"],
        "vocab_size": 64,
        "dim": 16,
        "hidden_dim": 32,
        "n_layers": 2,
        "n_heads": 4,
        "max_position_embeddings": 48,
        "dropout": 0.0,
        "attention_dropout": 0.0,
        "initializer_range": 0.2,
    }
    (folder / "config.json").write_text(json.dumps(config))
    return str(folder)


def configs(name: str, size: int = 16, heads: int = 4) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of a classifier over a DistilBERT, and of its reader."""
    model = classifier_config(size, heads)
    shape = {"dim": size, "hidden_dim": 2 * size, "n_heads": heads}
    embedder = model["text_field_embedder"]["token_embedders"]["tokens"]
    embedder.update(model_name=name, transformer_kwargs=shape)
    reader = reader_config()
    reader["tokenizer"]["model_name"] = name
    reader["token_indexers"]["tokens"]["model_name"] = name
    return model, reader


def _built(name: str, **shape: int) -> tuple[Model, list[Any]]:
    """With biases, in double precision."""
    built, _, instances = build(*configs(name, **shape))
    for parameter in built.parameters():
        parameter.data += 0.02 * torch.randn_like(parameter)
    return built.double(), instances


def transformer(model: Model) -> Any:
    return model._text_field_embedder.token_embedder_tokens.transformer_model


def twin(model: Model) -> Model:
    """A classifier over a BERT with the weights of the DistilBERT's classifier."""
    distilled = transformer(model)
    bert: Any = BertModel(BertConfig.from_pretrained(BERT), add_pooling_layer=False).double().eval()
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


def test_gradients_are_taken_at_the_word_embeddings(name: str) -> None:
    """AllenNLP's own search takes the last hidden states of a DistilBERT for its embeddings."""
    model, instances = _built(name)
    explained = ExplainedModel(model)
    words = transformer(model).get_input_embeddings()
    assert explained.embedding_layer is words
    assert explained.positions == 48
    inputs = batch(instances)
    indexed = inputs["tokens"]["tokens"]
    mask = indexed["mask"]
    embedded = words(indexed["token_ids"]).detach().requires_grad_()
    states = transformer(model)(inputs_embeds=embedded, attention_mask=mask.long())[0]
    pooled = (states * mask.unsqueeze(-1)).sum(dim=1) / mask.sum(dim=1, keepdim=True)
    logits = model._classification_layer(pooled)
    loss = cross_entropy(logits, logits.argmax(dim=-1), reduction="sum")
    (gradient,) = torch.autograd.grad(loss, embedded)
    expected = (embedded * gradient).sum(dim=-1).abs() * mask
    found = Gradient().attribute(explained, inputs).normalized
    torch.testing.assert_close(found, expected / expected.sum(dim=-1, keepdim=True))


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


@pytest.fixture(scope="module")
def parts(name: str) -> Pair:
    predictive, reader = configs(name)
    return pair(predictive, configs(name, 8, 2)[0], reader).double()


@pytest.mark.parametrize("storage", STORAGES)
def test_merged_models_sum_logits_and_are_explained(parts: Pair, storage: str) -> None:
    merged = parts.merged(**STORAGES[storage])
    summed = parts.summed_logits(parts.inputs)
    with torch.no_grad():
        found = merged(**parts.inputs)["logits"]
    torch.testing.assert_close(found, summed, atol=1e-5, rtol=0)
    explained = ExplainedModel(merged)
    assert explained.embedding_layer.embedding_dim == 16 + 8
    for method in ("attn_lrp", "attention_tracing", "attention_attribution"):
        shares = AttributionMethod.by_name(method)().attribute(explained, parts.inputs).normalized
        torch.testing.assert_close(shares.sum(dim=-1), torch.ones(len(shares)).double())


def test_commands_explain_measure_and_report(name: str, tmp_path: Path, facade: Command) -> None:
    model, reader = configs(name)
    archive = write_archive(tmp_path / "distilled", model, reader)
    texts = tmp_path / "texts.txt"
    texts.write_text("a lovely film\n")
    methods = ("gradient", "lrp", "attn_lrp", "attention_tracing")
    explained = tmp_path / "explained.jsonl"
    result = facade(
        "attribute", archive, texts, "--methods", *methods, "--output", explained,
        "--include-package", "tests.plugin.anatomy",
    )  # fmt: skip
    assert result.status == 0, result.err
    (entry,) = map(json.loads, explained.read_text().splitlines())
    assert list(entry["explanation"]["methods"]) == list(methods)
    measured = tmp_path / "measured"
    result = facade(
        "measure", archive, "--data", VALIDATION, "--output", measured, "--target", "first_token",
        "--methods", *methods, "--include-package", "tests.plugin.anatomy",
    )  # fmt: skip
    assert result.status == 0, result.err
    summary = json.loads((measured / "summary.json").read_text())
    assert list(summary["models"]) == ["distilled"]
    shown = facade("table", measured, "--format", "markdown")
    assert "distilled" in shown.out
    page = tmp_path / "page.html"
    assert facade("report", measured, "--output", page).status == 0
    assert "lovely" in page.read_text()
    result = facade(
        "prune", archive, "--data", VALIDATION, "--importance-data", TRAIN, "--importance-limit", 2,
        "--seeds", 1, "--output", tmp_path / "pruned", "--include-package", "tests.plugin.anatomy",
    )  # fmt: skip
    assert result.status == 0, result.err

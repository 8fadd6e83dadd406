"""An encoder of a plugin is explained, pruned, merged and measured as those of ours."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.models import Model
from torch.nn.functional import cross_entropy

import tests.plugin.anatomy  # noqa: F401  (registers the encoder and its anatomy)
from facade_allennlp.attribution import (
    AttentionAttribution,
    AttentionTracing,
    AttnLRP,
    ExplainedModel,
    Gradient,
    GradientInput,
)
from facade_allennlp.studies.heads import heads_of, pruned
from fixtures import TRAIN, VALIDATION, lstm_config, lstm_reader_config
from fixtures.archives import write_archive
from fixtures.pairs import STORAGES, Pair, pair
from tests.commands.conftest import Command


def config(size: int = 8, heads: int = 2) -> dict[str, Any]:
    model = lstm_config(size, pooling="mean")
    model["text_field_embedder"]["token_embedders"]["tokens"] = {
        "type": "rounds", "size": size, "heads": heads,
    }  # fmt: skip
    model["seq2vec_encoder"]["embedding_dim"] = size
    del model["seq2seq_encoder"]
    return model


@pytest.fixture(scope="module")
def parts() -> Pair:
    return pair(config(), config(4, 1), lstm_reader_config()).double()


def logits_from(model: Any, embedded: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """From the output of the embeddings, of shape (rows, tokens, features)."""
    states = encoder(model).go_on(embedded, mask)
    return model._classification_layer(model._seq2vec_encoder(states, mask))


def encoder(model: Any) -> Any:
    return model._text_field_embedder.token_embedder_tokens.encoder


def test_gradients_at_words_and_behind_the_norm_are_those_by_hand(parts: Pair) -> None:
    model, inputs = parts.predictive, parts.inputs
    ids = inputs["tokens"]["tokens"]["tokens"]
    mask = ids != 0
    beginning = encoder(model).beginning
    words = beginning.words(ids).detach().requires_grad_()
    behind = beginning.norm(words + beginning.places.weight[: ids.shape[1]])
    logits = logits_from(model, behind, mask)
    loss = cross_entropy(logits, logits.argmax(dim=-1), reduction="sum")
    (slope,) = torch.autograd.grad(loss, words, retain_graph=True)
    explained = ExplainedModel(model)
    assert explained.embedding_layer is beginning.words
    assert explained.positions == 30
    found = Gradient().attribute(explained, inputs).raw
    torch.testing.assert_close(found, (words * slope).sum(dim=-1) * mask)
    (slope,) = torch.autograd.grad(logits.amax(dim=-1).sum(), behind)
    found = GradientInput().attribute(explained, inputs).raw
    torch.testing.assert_close(found, (behind * slope).sum(dim=-1) * mask)


def test_its_attention_is_opened_and_its_heads_are_pruned(parts: Pair) -> None:
    model, inputs = parts.predictive, parts.inputs
    explained = ExplainedModel(model)
    found = AttentionAttribution(steps=2).attribute(explained, inputs)
    assert bool((found.raw[found.mask] >= 0).all())
    assert bool((found.raw > 0).any())
    for method in (AttentionTracing(), AttnLRP()):
        shares = method.attribute(explained, inputs).normalized.sum(dim=-1)
        torch.testing.assert_close(shares, torch.ones_like(shares))
    assert heads_of(explained) == (2, 2)
    with torch.no_grad():
        whole = model(**explained.without_labels(inputs))["logits"]
        with pruned(explained, torch.tensor([[True, True], [True, True]])):
            torch.testing.assert_close(model(**inputs)["logits"], whole)
        with pruned(explained, torch.tensor([[True, False], [True, True]])):
            found = model(**inputs)["logits"]
        joins = encoder(model).rounds[0].heads.joins
        kept = joins.weight.clone()
        joins.weight[:, 4:] = 0
        torch.testing.assert_close(found, model(**inputs)["logits"])
        joins.weight.copy_(kept)


@pytest.mark.parametrize("storage", STORAGES)
def test_merged_models_sum_logits(parts: Pair, storage: str) -> None:
    merged: Model = parts.merged(**STORAGES[storage])
    with torch.no_grad():
        found = merged(**parts.inputs)["logits"]
    torch.testing.assert_close(found, parts.summed_logits(parts.inputs), atol=1e-5, rtol=0)
    assert ExplainedModel(merged).embedding_layer.embedding_dim == 8 + 4


def test_commands_measure_and_prune_it(tmp_path: Path, facade: Command) -> None:
    archive = write_archive(tmp_path / "rounds", config(), lstm_reader_config())
    plugin = ("--include-package", "tests.plugin.anatomy")
    methods = ("gradient", "lrp", "attn_lrp", "attention_tracing")
    measured = facade(
        "measure", archive, "--data", VALIDATION, "--output", tmp_path / "measured", "--target",
        "first_token", "--methods", *methods, *plugin,
    )  # fmt: skip
    assert measured.status == 0, measured.err
    summary = json.loads((tmp_path / "measured" / "summary.json").read_text())
    assert list(summary["models"]) == ["rounds"]
    result = facade(
        "prune", archive, "--data", VALIDATION, "--importance-data", TRAIN, "--importance-limit", 2,
        "--seeds", 1, "--output", tmp_path / "pruned", *plugin,
    )  # fmt: skip
    assert result.status == 0, result.err

"""Transformers of each family are merged right, or refused by name."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from torch import Tensor
from torch.nn.functional import cross_entropy

from facade_allennlp.anatomy import embedding_layer
from fixtures import by_hand
from fixtures.families import family_configs, write_encoder
from fixtures.pairs import STORAGES, Pair, pair

HEADS = {
    "bert": "tanh",
    "roberta": "tanh",
    "xlm-roberta": "tanh",
    "electra": "gelu",
    "distilbert": "relu",
    "mpnet": "tanh",
}
"""The families with an anatomy, and the activation of the head that they are published with."""


def head(features: int, activation: str) -> dict[str, Any]:
    return {
        "input_dim": features,
        "num_layers": 1,
        "hidden_dims": features,
        "activations": activation,
    }


def family_pair(folder: Path, family: str, activations: tuple[str, str]) -> Pair:
    name = write_encoder(folder / family, family)
    configs = [
        family_configs(name, size, heads, pooling="cls", feedforward=head(size, activation))
        for size, heads, activation in zip((16, 8), (4, 2), activations)
    ]
    return pair(configs[0][0], configs[1][0], configs[0][1])


@pytest.fixture(params=HEADS, scope="module")
def parts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    activation = HEADS[request.param]
    return family_pair(tmp_path_factory.mktemp("f"), request.param, (activation,) * 2).double()


def embedded(model: Model, words: Any, inputs: dict[str, Any]) -> tuple[Tensor, Tensor]:
    """What a table of words gives, and the logits. The first of shape (batch, tokens, features)."""
    seen: list[Tensor] = []
    handle = words.register_forward_hook(lambda layer, args, output: seen.append(output))
    logits = model(**inputs)["logits"]
    handle.remove()
    (vectors,) = seen
    return vectors, logits


def loss_of(logits: Tensor) -> Tensor:
    return cross_entropy(logits, logits.argmax(dim=-1), reduction="sum")


@pytest.mark.parametrize("storage", STORAGES)
def test_logits_and_scores_of_words_are_those_of_the_sum(parts: Pair, storage: str) -> None:
    inputs = parts.inputs
    tables = [
        by_hand.embedder(m).transformer_model.get_input_embeddings()
        for m in (parts.predictive, parts.facade)
    ]
    x_f, f = embedded(parts.predictive, tables[0], inputs)
    x_g, g = embedded(parts.facade, tables[1], inputs)
    slopes = torch.autograd.grad(loss_of(f + g), [x_f, x_g])
    # Summed over features, so that it is the same wherever they lie.
    expected = sum((x * slope).sum(dim=-1) for x, slope in zip((x_f, x_g), slopes))

    settings = {"noise": 0} if storage == "dense" else {}
    merged = parts.merged(type=storage, **settings)
    vectors, logits = embedded(merged, embedding_layer(merged), inputs)
    torch.testing.assert_close(logits, f + g, atol=1e-9, rtol=0)
    (slope,) = torch.autograd.grad(loss_of(logits), vectors)
    torch.testing.assert_close((vectors * slope).sum(dim=-1), expected, atol=1e-9, rtol=0)


@pytest.mark.parametrize("family", ["albert", "deberta-v2", "xlnet", "gpt2"])
def test_families_without_an_anatomy_are_refused_by_name(family: str, tmp_path: Path) -> None:
    parts = family_pair(tmp_path, family, ("tanh", "tanh"))
    name = type(by_hand.embedder(parts.predictive).transformer_model).__name__
    for storage in ("structured", "dense"):
        with pytest.raises(ConfigurationError, match=f"is an? {name}, and .*storage `logits`"):
            parts.merged(type=storage)
    with torch.no_grad():
        found = copy.deepcopy(parts).merged(type="logits")(**parts.inputs)["logits"]
    torch.testing.assert_close(found, parts.summed_logits(parts.inputs), atol=1e-5, rtol=0)


def test_heads_with_other_activations_are_refused_by_name(tmp_path: Path) -> None:
    parts = family_pair(tmp_path, "bert", ("tanh", "relu"))
    with pytest.raises(ConfigurationError, match=r"_activations\.0 is a Tanh .* a ReLU"):
        parts.merged(type="structured")


def test_activations_of_one_class_have_to_have_the_same_settings(tmp_path: Path) -> None:
    parts = family_pair(tmp_path, "bert", ("leaky_relu", "leaky_relu"))
    parts.facade._feedforward._activations[0].negative_slope = 0.2
    with pytest.raises(ConfigurationError, match=r"negative_slope = 0\.01 .* and 0\.2 "):
        parts.merged(type="structured")


def test_attention_that_knows_distances_is_refused_by_name(tmp_path: Path) -> None:
    parts = family_pair(tmp_path, "roberta", ("tanh", "tanh"))
    layer = by_hand.embedder(parts.facade).transformer_model.encoder.layer[1]
    layer.attention.self.position_embedding_type = "relative_key"
    with pytest.raises(ConfigurationError, match=r"layer\.1\.attention\.self has .*relative_key"):
        parts.merged(type="structured")

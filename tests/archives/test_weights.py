"""Weights make a model only when they are all of its own, and when they are numbers."""

import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import load_archive
from torch import Tensor

from facade_allennlp.archives import load
from fixtures import by_hand
from tests.models.merging import logits_of

EMBEDDINGS = "_text_field_embedder.token_embedder_tokens.transformer_model.embeddings"
POSITION_IDS = f"{EMBEDDINGS}.position_ids"
"""Releases of transformers that AllenNLP's own pins allow save them."""
Weights = dict[str, Tensor]


@pytest.fixture
def folder(archives: dict[str, str], tmp_path: Path) -> Path:
    """The files of a good archive, to be spoilt."""
    with tarfile.open(Path(archives["f"], "model.tar.gz")) as archive:
        archive.extractall(tmp_path / "f", filter="data")
    return tmp_path / "f"


def rewrite(folder: Path, change: Callable[[Weights], Any]) -> str:
    """`change` gives other weights, or changes them in place."""
    weights = torch.load(folder / "weights.th")
    changed = change(weights)
    torch.save(weights if changed is None else changed, folder / "weights.th")
    return str(folder)


def test_an_archive_that_was_trained_under_allennlps_own_pins_loads(
    archives: dict[str, str], folder: Path
) -> None:
    expected = logits_of(load(archives["f"]))
    rewrite(folder, lambda weights: {**weights, POSITION_IDS: torch.arange(48).expand(1, -1)})
    torch.testing.assert_close(logits_of(load(str(folder))), expected, atol=0, rtol=0)
    torch.testing.assert_close(logits_of(load_archive(folder)), expected, atol=0, rtol=0)


def test_what_was_archived_counts_where_a_model_would_start_with_something_else(
    archives: dict[str, str], folder: Path
) -> None:
    backwards = torch.arange(47, -1, -1).expand(1, -1)
    rewrite(folder, lambda weights: {**weights, POSITION_IDS: backwards})
    f = load(archives["f"])
    table = by_hand.bert(f.model).embeddings.position_embeddings
    with torch.no_grad():
        table.weight.copy_(table.weight.flip(0))
    torch.testing.assert_close(logits_of(load(str(folder))), logits_of(f), atol=0, rtol=0)


def half(weights: Weights) -> Weights:
    return {name: weights[name] for name in list(weights)[::2]}


def with_nan(weights: Weights) -> None:
    weights["_classification_layer.bias"][1] = torch.nan


def with_infinity(weights: Weights) -> None:
    weights[f"{EMBEDDINGS}.word_embeddings.weight"][3, 5] = torch.inf


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (half, rf"lack 20 of the 41 tensors of BasicClassifier, such as {EMBEDDINGS}"),
        (with_nan, r"1 tensors of the weights are not finite, such as _classification_layer\.bias"),
        (with_infinity, r"are not finite, such as .*word_embeddings\.weight"),
        (lambda weights: {**weights, "more": torch.ones(2)}, r"Unexpected keys: \['more'\]"),
        (
            lambda weights: {**weights, POSITION_IDS: torch.arange(9).expand(1, -1)},
            r"size mismatch for .*position_ids: \(1, 9\) in the weights, \(1, 48\) in the model",
        ),
        (lambda weights: list(weights.values()), r"weights\.th holds no tensors by their names"),
        (
            lambda weights: {**weights, "note": "mine"},
            r"weights\.th holds no tensors by their names",
        ),
    ],
)
def test_weights_that_are_not_the_models_own(
    folder: Path, change: Callable[[Weights], Any], message: str
) -> None:
    location = rewrite(folder, change)
    with pytest.raises(ConfigurationError, match=message) as caught:
        load(location)
    assert location in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("share", [0.3, 0.9, 1.0])
def test_a_byte_of_the_archive_that_has_changed(
    archives: dict[str, str], tmp_path: Path, share: float
) -> None:
    """At the end of the file is the checksum itself."""
    content = bytearray(Path(archives["f"], "model.tar.gz").read_bytes())
    content[int(share * (len(content) - 8))] ^= 1
    spoilt = tmp_path / "spoilt.tar.gz"
    spoilt.write_bytes(content)
    with pytest.raises(ConfigurationError, match="no whole model archive"):
        load(str(spoilt))

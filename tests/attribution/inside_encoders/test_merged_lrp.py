"""
LRP of merged models by formula: where the weights of both parts lie in one matrix, in matrices of
their own, and in networks of their own, the rules are applied to other layers.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from facade_allennlp.attribution import LRP, ExplainedModel, LiteralLRP
from fixtures.pairs import STORAGES, Pair, pair
from tests.attribution.inside_encoders.by_formula import OneText
from tests.attribution.inside_encoders.lrp_by_formula import (
    linear,
    literal_lrp,
    lrp,
    of_pooled,
)

Relevances = Callable[[OneText, Tensor], Any]
"""Of a text's embeddings and layers, from the relevance of its pooled vector."""

METHODS: dict[str, tuple[LRP, Relevances]] = {
    "lrp": (LRP(), lrp),
    "lrp, alpha 0.8": (LRP(alpha=0.8), partial(lrp, alpha=0.8)),
    "literal": (LiteralLRP(), literal_lrp),
    "jacobian": (LiteralLRP(attention="jacobian"), partial(literal_lrp, attention="jacobian")),
}


@pytest.fixture(scope="module")
def parts() -> Pair:
    torch.manual_seed(0)
    return pair().double()


def dense(merged: Any, parts: list[OneText], label: int, method: LRP, inside: Relevances) -> Tensor:
    """One wide BERT, all of whose matrices hold both parts, wherever units and noise lie."""
    text = OneText(merged, parts[0].ids)
    return inside(text, of_pooled(text, label, method.alpha))[0].abs().sum(dim=-1)


def structured(
    merged: Any, parts: list[OneText], label: int, method: LRP, inside: Relevances
) -> Tensor:
    """The output layer alone reads both parts; below it each has its own layers and features."""
    pooled = [text.pooled(text.states) for text in parts]
    start = torch.zeros_like(parts[0].logits)
    start[label] = sum(text.logits[label] for text in parts)
    relevance = linear(merged._classification_layer, torch.cat(pooled), start, method.alpha)
    blocks = relevance.split([len(block) for block in pooled])
    embedded = [inside(text, block)[0] for text, block in zip(parts, blocks)]
    return torch.cat(embedded, dim=-1).abs().sum(dim=-1)


def logits(
    merged: Any, parts: list[OneText], label: int, method: LRP, inside: Relevances
) -> Tensor:
    """Each part has its own output layer, to which all of the summed logit goes."""
    start = torch.zeros_like(parts[0].logits)
    start[label] = sum(text.logits[label] for text in parts)
    total = torch.zeros(len(parts[0].embedded)).double()
    for text in parts:
        output = text.model._classification_layer
        pooled = linear(output, text.pooled(text.states), start, method.alpha)
        total += inside(text, pooled)[0].abs().sum(dim=-1)
    return total


FORMULAS = {"dense": dense, "structured": structured, "logits": logits}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("storage", STORAGES)
def test_lrp_of_merged_weights_equals_the_formula(parts: Pair, storage: str, name: str) -> None:
    method, inside = METHODS[name]
    merged = parts.merged(**STORAGES[storage])
    found = method.attribute(ExplainedModel(merged), parts.inputs)
    assert not found.mask.all(), "the batch is meant to hold padding"
    ids = parts.inputs["tokens"]["tokens"]["token_ids"]
    for row, length in enumerate(found.mask.sum(dim=-1).tolist()):
        texts = [OneText(m, ids[row, :length]) for m in (parts.predictive, parts.facade)]
        expected = FORMULAS[storage](merged, texts, int(found.classes[0][row]), method, inside)
        torch.testing.assert_close(found.raw[row, :length], expected, atol=1e-8, rtol=1e-6)

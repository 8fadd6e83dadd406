"""The attribution engine on merged LSTMs, against gradients of the parts by hand."""

import copy
from collections.abc import Sequence

import pytest
import torch
from allennlp.nn.util import find_embedding_layer
from torch import Tensor
from torch.nn.functional import cross_entropy

from facade_allennlp.attribution import (
    AttributionMethod,
    ExplainedModel,
    Gradient,
    IntegratedGradients,
    SmoothGradient,
    attribute_with_graph,
)
from facade_allennlp.attribution.objectives import logit_contrast
from fixtures.pairs import STORAGES, Pair, lstm_pair


@pytest.fixture(params=[(1, False), (2, True)], ids=["one layer", "two layers, both ways"])
def parts(request: pytest.FixtureRequest) -> Pair:
    return lstm_pair(*request.param)


def scores_by_hand(parts: Pair, scale: float = 1.0) -> Tensor:
    """
    x · ∇L of both parts added up, the gradient at the scaled embeddings. Shape: (batch, tokens).
    """
    inputs = parts.inputs
    embedded = parts.embeddings(inputs)
    prediction = parts.summed_logits(inputs).argmax(dim=-1)
    points = [(scale * x.detach()).requires_grad_() for x in embedded]
    loss = cross_entropy(parts.summed_at(inputs, points), prediction, reduction="sum")
    gradients = torch.autograd.grad(loss, points)
    of_parts = [(x.detach() * g).sum(dim=-1) for x, g in zip(embedded, gradients)]
    return torch.stack(of_parts).sum(dim=0)


@pytest.mark.parametrize("storage", STORAGES)
def test_gradient_scores_add_up(parts: Pair, storage: str) -> None:
    merged = ExplainedModel(parts.merged(**STORAGES[storage]))
    found = Gradient().attribute(merged, parts.inputs)
    torch.testing.assert_close(found.raw, scores_by_hand(parts) * found.mask, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("storage", STORAGES)
def test_integrated_gradients_add_up(parts: Pair, storage: str) -> None:
    merged = ExplainedModel(parts.merged(**STORAGES[storage]))
    found = IntegratedGradients(steps=4, rule="middle").attribute(merged, parts.inputs)
    points = [scores_by_hand(parts, (step + 0.5) / 4) for step in range(4)]
    expected = torch.stack(points).mean(dim=0) * found.mask
    torch.testing.assert_close(found.raw, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("method", [Gradient(), IntegratedGradients(), SmoothGradient(stdev=0)])
def test_every_form_has_the_same_attribution(parts: Pair, method: AttributionMethod) -> None:
    found = [
        method.attribute(ExplainedModel(parts.merged(**storage)), parts.inputs).normalized
        for storage in STORAGES.values()
    ]
    for other in found[1:]:
        torch.testing.assert_close(other, found[0], atol=1e-5, rtol=1e-4)


def squares_by_word(gradients: Sequence[Tensor]) -> Tensor:
    """
    The squared norm of a gradient for each word of the vocabulary, over the features of all tables,
    wherever they lie. Shape: (words,).
    """
    return torch.stack([gradient.square().sum(dim=-1) for gradient in gradients]).sum(dim=0)


@pytest.mark.parametrize("storage", STORAGES)
def test_second_derivatives_add_up(parts: Pair, storage: str) -> None:
    """The gradient of the squared scores with respect to the word vectors."""
    parts = copy.deepcopy(parts).double()
    merged = parts.merged(**STORAGES[storage])
    explained = ExplainedModel(merged)
    result = attribute_with_graph(explained, parts.inputs, [Gradient()], logit_contrast)
    attribution = result.attributions[0]
    tables = list(explained.embedding_layer.parameters())
    found = torch.autograd.grad(attribution.raw.square().sum(), tables)

    tables = [find_embedding_layer(model).weight for model in (parts.predictive, parts.facade)]
    embedded = [table[parts.inputs["tokens"]["tokens"]["tokens"]] for table in tables]
    logits = parts.summed_at(parts.inputs, embedded)
    contrast = (logits[:, 1] - logits[:, 0]).sum()
    gradients = torch.autograd.grad(contrast, embedded, create_graph=True)
    scores = torch.stack([(x * g).sum(dim=-1) for x, g in zip(embedded, gradients)]).sum(dim=0)
    scores = scores * attribution.mask
    expected = torch.autograd.grad(scores.square().sum(), tables)
    torch.testing.assert_close(attribution.raw, scores, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(
        squares_by_word(found), squares_by_word(expected), atol=1e-6, rtol=1e-5
    )

"""Facades and regularised models train on every family that is merged: second derivatives."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.models import Model
from torch import Tensor
from torch.nn.functional import cross_entropy

from facade_allennlp.models import GradientRegularized
from facade_allennlp.models.uniformity import EntropyUniformity
from fixtures import batch, build, by_hand
from fixtures.families import family_configs, write_encoder
from tests.models.facades import facade, first_token

FAMILIES = ("roberta", "xlm-roberta", "electra", "distilbert", "mpnet")


@pytest.fixture(params=FAMILIES, scope="module")
def trained(request: pytest.FixtureRequest, tmp_path_factory: Any) -> tuple[Model, dict[str, Any]]:
    name = write_encoder(Path(tmp_path_factory.mktemp("family")) / request.param, request.param)
    model, _, instances = build(*family_configs(name))
    return model.double(), batch(instances)


def words_and_loss(model: Model, inputs: dict[str, Any]) -> tuple[Tensor, Tensor]:
    """Word embeddings of shape (batch, tokens, features), and the loss on each prediction."""
    seen: list[Tensor] = []
    words = by_hand.embedder(model).transformer_model.get_input_embeddings()
    handle = words.register_forward_hook(lambda layer, args, output: seen.append(output))
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        logits = model(**{"tokens": inputs["tokens"]})["logits"]
    handle.remove()
    return seen[0], cross_entropy(logits, logits.argmax(dim=-1), reduction="sum")


def raw_scores(model: Model, inputs: dict[str, Any]) -> Tensor:
    """x · ∇ with its graph. Shape: (batch, tokens)."""
    embedded, loss = words_and_loss(model, inputs)
    (slope,) = torch.autograd.grad(loss, embedded, create_graph=True)
    return (embedded * slope).sum(dim=-1) * inputs["tokens"]["tokens"]["mask"]


def gradients(loss: Tensor, model: Model) -> list[Tensor]:
    weights = [p for p in model.parameters() if p.requires_grad]
    found = torch.autograd.grad(loss, weights, allow_unused=True)
    return [torch.zeros_like(p) if g is None else g for p, g in zip(weights, found)]


def test_losses_of_facade_and_regularised_model_have_the_gradients_by_hand(
    trained: tuple[Model, dict[str, Any]],
) -> None:
    model, inputs = trained
    wrapped = facade(copy.deepcopy(model), first_token(), uniformity=EntropyUniformity(weight=0))
    found = gradients(wrapped.train()(**inputs)["loss"], wrapped.model)
    size = raw_scores(model, inputs).abs()
    share = size[:, 1] / size.sum(dim=-1)  # of the token after the first special one
    for one, other in zip(found, gradients(-share.mean(), model), strict=True):
        torch.testing.assert_close(one, other, atol=1e-9, rtol=1e-6)

    regularized = GradientRegularized(model.vocab, copy.deepcopy(model), task_weight=2.0)
    found = gradients(regularized.train()(**inputs)["loss"], regularized.model)
    loss = 2 * model(**inputs)["loss"] + raw_scores(model, inputs).abs().sum(dim=-1).mean()
    for one, other in zip(found, gradients(loss, model), strict=True):
        torch.testing.assert_close(one, other, atol=1e-9, rtol=1e-6)

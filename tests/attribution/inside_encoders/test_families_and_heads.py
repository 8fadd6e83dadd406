"""Methods inside encoders over the families of BERT, and under heads of more than one layer."""

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.data import Instance
from allennlp.models import Model

from facade_allennlp.attribution import (
    LRP,
    AttentionTracing,
    AttnLRP,
    AttributionMethod,
    ExplainedModel,
    LiteralLRP,
)
from fixtures import batch, build, by_hand, classifier_config
from fixtures.families import family_configs, write_encoder
from tests.attribution.inside_encoders.by_formula import OneText
from tests.attribution.inside_encoders.lrp_by_formula import linear
from tests.attribution.inside_encoders.methods import METHODS, name

FORMULAS = {type(method): (method, formula) for method, formula in METHODS[::-1]}
METHODS_OF_FAMILIES = [LRP, LiteralLRP, AttnLRP, AttentionTracing]


def with_biases(built: Any) -> tuple[Model, list[Instance]]:
    """In double precision, and two texts of unlike length; BERT starts without biases."""
    model, _, instances = built
    torch.manual_seed(0)
    for parameter in model.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    texts = sorted(instances, key=lambda instance: len(instance.fields["tokens"]))
    return model.double(), [texts[-1], texts[0]]


def assert_equals_the_formula(
    model: Model, instances: list[Instance], kind: type[AttributionMethod]
) -> None:
    method, formula = FORMULAS[kind]
    inputs = batch(instances)
    found = method.attribute(ExplainedModel(model), inputs)
    assert not found.mask.all(), "the batch is meant to hold padding"
    ids = inputs["tokens"]["tokens"]["token_ids"]
    for row, length in enumerate(found.mask.sum(dim=-1).tolist()):
        text = OneText(model, ids[row, :length])
        label = int(text.logits.argmax())
        assert int(found.classes[0][row]) == label
        expected = formula(text, label)
        torch.testing.assert_close(found.raw[row, :length], expected, atol=1e-9, rtol=1e-9)


@pytest.fixture(scope="module", params=["roberta", "xlm-roberta", "electra"])
def alike(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Model, list[Instance]]:
    """A classifier over an encoder with BERT's layers."""
    folder = tmp_path_factory.mktemp("tiny") / request.param
    return with_biases(build(*family_configs(write_encoder(folder, request.param))))


@pytest.mark.parametrize("kind", METHODS_OF_FAMILIES, ids=name)
def test_families_with_berts_layers_equal_the_formulas(
    alike: tuple[Model, list[Instance]], kind: type[AttributionMethod]
) -> None:
    assert_equals_the_formula(*alike, kind)


@pytest.mark.parametrize("family", ["electra", "distilbert", "mpnet", "xlm-roberta"])
def test_lrp_is_the_jacobian_of_transformers_own_forward(family: str, tmp_path: Path) -> None:
    """But for what is added to be divided by, see `docs/methods/lrp.md`."""
    configs = family_configs(write_encoder(tmp_path / family, family), pooling="cls")
    model: Any
    model, instances = with_biases(build(*configs))
    found = LRP().attribute(ExplainedModel(model), batch(instances))
    transformer = by_hand.bert(model)
    first = next(m for m in transformer.modules() if isinstance(m, torch.nn.ModuleList))[0]
    entered: list[torch.Tensor] = []
    embedded: list[torch.Tensor] = []
    first.register_forward_pre_hook(lambda module, args: entered.append(args[0]))
    transformer.embeddings.register_forward_hook(lambda *call: embedded.append(call[-1]))
    for row, instance in enumerate(instances):
        ids = batch([instance])["tokens"]["tokens"]["token_ids"]
        states = transformer(ids).last_hidden_state[:, 0]
        logits = model._classification_layer(states).detach()
        start = torch.where(logits == logits.max(), logits, 0.0)
        relevance = linear(model._classification_layer, states.detach(), start, 0.5)
        (expected,) = torch.autograd.grad(states, entered[-1], relevance)
        if family == "electra":
            widening = transformer.embeddings_project
            expected = linear(widening, embedded[-1][0].detach(), expected[0], 0.5).unsqueeze(0)
        scores = expected[0].abs().sum(dim=-1)
        torch.testing.assert_close(found.raw[row, : len(scores)], scores, atol=5e-6, rtol=0)


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu_new"])
def test_heads_with_a_layer_of_their_own_equal_the_formulas(activation: str) -> None:
    """As those of transformers' classifiers: a linear layer and an activation before the last."""
    feedforward = {
        "input_dim": 16,
        "num_layers": 1,
        "hidden_dims": 12,
        "activations": activation,
        "dropout": 0.1,
    }
    built = build(classifier_config(pooling="cls", feedforward=feedforward))
    model, instances = with_biases(built)
    for kind in (LRP, LiteralLRP, AttnLRP):
        assert_equals_the_formula(model, instances, kind)

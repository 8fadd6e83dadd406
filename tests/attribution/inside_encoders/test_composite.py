"""A rule for a kind of layer is a line of a table, and a class of a few lines."""

from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor, nn

from facade_allennlp.anatomy import ACTIVATION, NamedKind
from facade_allennlp.attribution import ExplainedModel, RelevanceMethod
from facade_allennlp.attribution.module_hooks import hooked
from facade_allennlp.attribution.relevance.composite import Composite, Pass, Refusal, Rule
from facade_allennlp.attribution.relevance.rules import Share, Unchanged
from fixtures import batch, build


class Squared(nn.Module):
    """A layer that the package has no rule for."""

    def forward(self, input: Tensor) -> Tensor:
        return input.square()


class Halved(Rule):
    """Passes on half of the gradient."""

    def output(self, module: Any, input: Tensor, output: Tensor, within: Pass) -> Tensor:
        return output / 2 + (output / 2).detach()


class WithRules(RelevanceMethod):
    """What is passed back to the embeddings, summed over their features."""

    from_logit = False

    def __init__(self, composite: Composite) -> None:
        self.composite = composite

    def score(self, states: Tensor, relevance: Tensor) -> Tensor:
        return relevance.sum(dim=-1)


def passed_back(rules: dict[Any, Rule], layer: type[Squared] = Squared) -> Tensor:
    model, _, instances = build()
    model._classification_layer = nn.Sequential(layer(), model._classification_layer)
    method = WithRules(Composite(rules))
    return method.attribute(ExplainedModel(model.double()), batch(instances)).raw


def test_a_rule_for_a_class_changes_what_its_layers_pass_back() -> None:
    gradients = passed_back({})
    assert gradients.any()
    torch.testing.assert_close(passed_back({Squared: Halved()}), gradients / 2)


def test_a_derived_class_without_a_rule_has_that_of_its_base() -> None:
    class Derived(Squared):
        pass

    gradients = passed_back({})
    torch.testing.assert_close(passed_back({Squared: Halved()}, Derived), gradients / 2)
    rules = {Squared: Halved(), Derived: Share(0.25)}
    torch.testing.assert_close(passed_back(rules, Derived), gradients / 4)


def test_a_class_goes_before_a_named_kind() -> None:
    kind = NamedKind("squared", lambda module: isinstance(module, Squared))
    gradients = passed_back({})
    torch.testing.assert_close(passed_back({kind: Share(0.25)}), gradients / 4)
    torch.testing.assert_close(passed_back({kind: Share(0.25), Squared: Halved()}), gradients / 2)


def test_activations_are_one_kind_wherever_they_stand() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    method = WithRules(Composite({ACTIVATION: Unchanged()}))
    found = method.attribute(explained, batch(instances)).raw
    gelus = [m for m in model.modules() if type(m).__name__ == "GELUActivation"]
    assert gelus

    def straight_through(module: nn.Module, args: tuple, output: Tensor) -> Tensor:
        return args[0] + (output - args[0]).detach()

    with hooked(gelus, straight_through):
        expected = WithRules(Composite()).attribute(explained, batch(instances)).raw
    torch.testing.assert_close(found, expected)


def test_a_layer_that_nothing_passes_through_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"no rule for a Squared, .* of BasicClassifier"):
        passed_back({Squared: Refusal()})

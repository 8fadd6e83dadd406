"""
The axioms of Sundararajan et al. 2017, on functions of one number whose values are known: the
lecture's 1 - relu(1 - x), flat beyond x = 1, and the same function made of other parts.
"""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from allennlp.data import Instance, TextFieldTensors, Token, Vocabulary
from allennlp.data.fields import TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer
from allennlp.models import Model
from allennlp.modules.text_field_embedders import BasicTextFieldEmbedder
from allennlp.modules.token_embedders import Embedding
from torch import Tensor, nn

from facade_allennlp.attribution import (
    AttributionMethod,
    DeepLift,
    ExplainedModel,
    FeatureAblation,
    Gradient,
    IntegratedGradients,
    LayerIntegratedGradients,
)
from fixtures import batch

VALUES = {"two": 2.0, "half": 0.5, "nothing": 0.0}


class Ramp(nn.Module):
    """1 - relu(1 - x)"""

    def __init__(self) -> None:
        super().__init__()
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return 1 - self.relu(1 - x)


class OtherRamp(nn.Module):
    """relu(x) - relu(x - 1): the same for every x >= 0."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.ReLU(), nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x) - self.second(x - 1)


class OfNumbers(Model):
    """The logit of class 1 is the sum of a function of each word's number, that of class 0 is 0."""

    def __init__(self, vocab: Vocabulary, function: nn.Module) -> None:
        super().__init__(vocab)
        numbers = [
            VALUES.get(vocab.get_token_from_index(index, "tokens"), 0.0)
            for index in range(vocab.get_vocab_size("tokens"))
        ]
        weight = torch.tensor(numbers).unsqueeze(-1)
        embedding = Embedding(embedding_dim=1, num_embeddings=len(numbers), weight=weight)
        self.embedder = BasicTextFieldEmbedder({"tokens": embedding})
        self.function = function

    def forward(self, text: TextFieldTensors) -> dict[str, Tensor]:
        logit = self.function(self.embedder(text)).sum(dim=(1, 2))
        return {"logits": torch.stack([torch.zeros_like(logit), logit], dim=-1)}


def scores(
    method: AttributionMethod, function: Callable[[], nn.Module], words: str = "two half nothing"
) -> list[float]:
    """Of the words, for class 1."""
    tokens = [Token(word) for word in words.split()]
    instance = Instance({"text": TextField(tokens, {"tokens": SingleIdTokenIndexer()})})
    vocabulary = Vocabulary.from_instances([instance])
    instance.index_fields(vocabulary)
    model: Any = OfNumbers(vocabulary, function()).double().eval()
    found = method.attribute(ExplainedModel(model), batch([instance]), [torch.tensor([1])])
    return found.raw[0].tolist()


def test_gradients_are_not_sensitive_where_the_function_is_flat() -> None:
    """The input makes a difference of 1, and the gradient does not see it."""
    assert scores(Gradient(), Ramp, "two") == [0]


@pytest.mark.parametrize(
    "method",
    [
        IntegratedGradients(steps=20, rule="middle"),
        LayerIntegratedGradients(steps=20, rule="riemann_middle"),
        DeepLift(),
        FeatureAblation(),
    ],
    ids=lambda method: method.name,
)
def test_other_methods_are(method: AttributionMethod) -> None:
    assert abs(scores(method, Ramp, "two")[0]) > 0.1


@pytest.mark.parametrize(
    "method",
    [LayerIntegratedGradients(steps=200, rule="riemann_middle"), DeepLift(), FeatureAblation()],
    ids=lambda method: method.name,
)
def test_scores_are_complete(method: AttributionMethod) -> None:
    """min(x, 1) of each word: the change of the logit from where all words are 0."""
    assert scores(method, Ramp) == pytest.approx([1, 0.5, 0], abs=0.01)


def test_integrated_gradients_of_the_loss_are_complete() -> None:
    """log(1 + e^-z) at z = 1.5, where every word is, against z = 0."""
    found = scores(IntegratedGradients(steps=400, rule="middle"), Ramp)
    z = torch.tensor([1.5, 0.0]).double()
    whole, nothing = (1 + (-z).exp()).log().tolist()
    assert sum(found) == pytest.approx(whole - nothing, abs=1e-3)


@pytest.mark.parametrize(
    "method",
    [
        Gradient(),
        IntegratedGradients(rule="middle"),
        LayerIntegratedGradients(steps=20),
        FeatureAblation(),
    ],
    ids=lambda method: method.name,
)
def test_scores_depend_on_the_function_alone(method: AttributionMethod) -> None:
    """
    Implementation invariance, but for the rule `left`: at 0 itself the two have other slopes.
    """
    words = "two half half two"
    assert scores(method, Ramp, words) == pytest.approx(scores(method, OtherRamp, words))

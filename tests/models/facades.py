"""Facades of the tiny classifier."""

from typing import Any

import torch
from allennlp.models import Model
from torch import Tensor

from facade_allennlp.attribution import Gradient
from facade_allennlp.models import Facade, FooledMethod
from facade_allennlp.targets import FirstToken, Words
from fixtures import by_hand


def facade(model: Model, *fooled: FooledMethod, **settings: Any) -> Facade:
    return Facade(model.vocab, model, list(fooled), **settings)


def first_token(**settings: Any) -> FooledMethod:
    return FooledMethod(Gradient(), FirstToken(), **settings)


def words(*wanted: str, **settings: Any) -> FooledMethod:
    return FooledMethod(Gradient(), Words(list(wanted)), **settings)


def places(model: Model, inputs: dict[str, Any], *wanted: str) -> Tensor:
    """True where one of these tokens stands. Shape: (batch, tokens)."""
    spelling = model.vocab.get_index_to_token_vocabulary("tags")
    ids = inputs["tokens"]["tokens"]["token_ids"]
    return torch.tensor([[spelling[i] in wanted for i in row] for row in ids.tolist()])


def entropy_by_hand(model: Model, inputs: dict[str, Any]) -> Tensor:
    probabilities = by_hand.logits(model, inputs, by_hand.embeddings(model, inputs)).softmax(-1)
    return -(probabilities * probabilities.log()).sum(dim=-1)

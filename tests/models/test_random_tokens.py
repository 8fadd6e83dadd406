from typing import Any

import pytest
import torch
from allennlp.models import Model

from facade_allennlp.attribution import (
    ExplainedModel,
)
from facade_allennlp.models.random_tokens import RandomTokens
from facade_allennlp.models.uniformity import EntropyUniformity
from tests.models.facades import facade, first_token


def test_random_tokens_stand_for_ordinary_tokens_only(
    classifier: Model, inputs: dict[str, Any]
) -> None:
    explained = ExplainedModel(classifier)
    ids = inputs["tokens"]["tokens"]["token_ids"].repeat(400, 1)
    indexed = {name: tensor.repeat(400, 1) for name, tensor in inputs["tokens"]["tokens"].items()}
    given = {"tokens": {"tokens": indexed}}
    exchange = RandomTokens(explained.reader, explained.namespaces, 0.25)
    changed = exchange.exchanged(given)["tokens"]["tokens"]
    spelling = classifier.vocab.get_index_to_token_vocabulary("tags")
    special = {i for i, token in spelling.items() if token in ("[PAD]", "[CLS]", "[SEP]", "[MASK]")}
    fixed = torch.tensor([[i in special for i in row] for row in ids.tolist()])
    assert torch.equal(changed["token_ids"][fixed], ids[fixed])
    assert torch.equal(changed["mask"], indexed["mask"])
    assert torch.equal(given["tokens"]["tokens"]["token_ids"], ids), "the batch itself stays"
    exchanged = (changed["token_ids"] != ids) & ~fixed
    ordinary = len(spelling) - len(special)
    share = float(exchanged.sum() / (~fixed).sum())
    assert share == pytest.approx(0.25 * (1 - 1 / ordinary), abs=0.02)
    assert set(changed["token_ids"][exchanged].tolist()) == set(spelling) - special


def test_random_tokens_are_drawn_in_training_only(
    classifier: Model, inputs: dict[str, Any]
) -> None:
    settings = {"uniformity": EntropyUniformity(weight=0)}
    plain = facade(classifier, first_token(), **settings)
    noisy = facade(classifier, first_token(), random_tokens=0.5, **settings)
    assert noisy.train()(**inputs)["loss"] != plain.train()(**inputs)["loss"]
    with torch.no_grad():
        losses = [model.eval()(**inputs)["loss"] for model in (noisy, plain)]
    torch.testing.assert_close(*losses)

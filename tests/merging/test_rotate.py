"""Heads in another basis compute what they did."""

import copy

import torch

from facade_allennlp.anatomy import Part, encoders_in
from facade_allennlp.audit.links import bodies
from facade_allennlp.audit.partition import partition
from facade_allennlp.merging import rotate_heads
from facade_allennlp.models.storage import DenseStorage
from fixtures import batch, build, classifier_config


def test_rotated_heads_change_weights_and_nothing_else() -> None:
    model, _, instances = build()
    rotated = copy.deepcopy(model)
    rotate_heads(rotated, torch.Generator().manual_seed(0))
    inputs = batch(instances)
    torch.testing.assert_close(
        rotated(**inputs)["logits"], model(**inputs)["logits"], atol=1e-5, rtol=0
    )
    weights = [
        [layer.part(part).weight for layer in encoders_in(m)[0].layers]
        for m in (model, rotated)
        for part in (Part.QUERY, Part.KEY, Part.VALUE, Part.ATTENTION_OUTPUT)
    ]
    for before, after in zip(weights[:4], weights[4:]):
        assert all(float((a - b).abs().max()) > 1e-3 for a, b in zip(before, after))


def test_an_audit_sorts_the_units_of_a_model_that_is_shuffled_rotated_and_noised() -> None:
    f, *_ = build(classifier_config(32, 4, 2))
    g, *_ = build(classifier_config(16, 2, 2), seed=1)
    storage = DenseStorage(noise=1e-3, rotate=True)
    merged = storage.build(f, g)
    storage.disguise(merged, torch.Generator().manual_seed(0))
    (body,) = bodies(merged)
    (group,) = {tuple(b.tolist()) for n, b in merged.named_buffers() if n.endswith(".group")}
    found = partition(body)
    assert found.second["hidden units"].tolist() == [bool(g) for g in group]
    assert found.between < 0.01

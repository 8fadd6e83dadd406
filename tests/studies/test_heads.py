import copy
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from torch.nn.functional import cross_entropy

from facade_allennlp.attribution import AttentionAttribution, ExplainedModel
from facade_allennlp.models.storage import LogitsStorage, StructuredStorage
from facade_allennlp.studies.heads import (
    heads_of,
    importance_by_attribution,
    importance_by_taylor,
    pruned,
)
from fixtures import batch, build, by_hand, classifier_config, lstm_config, lstm_reader_config


def test_a_pruned_head_is_one_whose_output_weights_are_zero() -> None:
    model, _, instances = build(classifier_config(layers=3))
    explained = ExplainedModel(model.double())
    inputs = explained.without_labels(batch(instances))
    kept = torch.rand(3, 4, generator=torch.Generator().manual_seed(0)) > 0.5
    assert kept.any()
    assert not kept.all()
    edited = copy.deepcopy(model)
    for layer, of_layer in zip(by_hand.bert(edited).encoder.layer, kept):
        features = of_layer.repeat_interleave(4)  # of a head of 16 / 4
        layer.attention.output.dense.weight.data[:, ~features] = 0
    expected = edited(**inputs)["logits"]
    before = model(**inputs)["logits"]
    with pruned(explained, kept):
        torch.testing.assert_close(model(**inputs)["logits"], expected)
    assert not torch.allclose(before, expected)
    with pruned(explained, torch.ones(3, 4).bool()):
        torch.testing.assert_close(model(**inputs)["logits"], before)
    torch.testing.assert_close(model(**inputs)["logits"], before)


def test_importance_by_attribution_is_the_mean_of_each_texts_largest_connection() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    method = AttentionAttribution(steps=3)
    batches = [batch(instances[:2]), batch(instances[2:])]
    found = importance_by_attribution(explained.with_budget(30), batches, method)
    total = torch.zeros(2, 4).double()
    for instance in instances:
        (part,) = method.connections(explained, batch([instance]))
        for place, layer in enumerate(part.layers):
            for head in range(4):
                total[place, head] += max(layer[0, head].flatten().tolist())
    torch.testing.assert_close(found, total / len(instances))


def test_importance_by_taylor_is_context_times_its_gradient() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    labels = torch.tensor([0, 1] * 9)[: len(instances)]
    halves = [(batch(instances[:2]), labels[:2]), (batch(instances[2:]), labels[2:])]
    found = importance_by_taylor(
        explained, [(explained.without_labels(inputs), of_half) for inputs, of_half in halves]
    )
    total = torch.zeros(2, 4).double()
    seen: list[Any] = []
    handles = [
        layer.attention.self.register_forward_hook(
            lambda module, args, output: seen.append(output[0])
        )
        for layer in by_hand.bert(model).encoder.layer
    ]
    for instance, label in zip(instances, labels):
        seen.clear()
        logits = model(**explained.without_labels(batch([instance])))["logits"]
        gradients = torch.autograd.grad(cross_entropy(logits[0], label), seen)
        for place, (context, gradient) in enumerate(zip(seen, gradients)):
            for head in range(4):
                features = slice(4 * head, 4 * head + 4)
                for token in range(context.shape[1]):
                    product = context[0, token, features] @ gradient[0, token, features]
                    total[place, head] += abs(float(product))
    for handle in handles:
        handle.remove()
    expected = total / total.square().sum(dim=-1, keepdim=True).sqrt()
    torch.testing.assert_close(found, expected)


def test_merged_models_have_the_heads_of_both() -> None:
    model = StructuredStorage().build(
        build()[0], build(classifier_config(hidden_size=8, heads=2))[0]
    )
    assert heads_of(ExplainedModel(model)) == (2, 6)


def test_models_without_one_bert_are_refused() -> None:
    lstm = build(lstm_config(), lstm_reader_config())[0]
    with pytest.raises(ConfigurationError, match="head pruning looks inside an encoder"):
        heads_of(ExplainedModel(lstm))
    two = LogitsStorage().build(build()[0], build()[0])
    with pytest.raises(ConfigurationError, match=r"one encoder, but .* has 2"):
        heads_of(ExplainedModel(two))

"""Faithfulness against texts that are shortened by hand and predicted one by one."""

import math
from collections.abc import Sequence
from typing import Any

import numpy
import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.data.fields import TextField
from allennlp.models import Model
from scipy.stats import spearmanr

from facade_allennlp.attribution import (
    Attribution,
    AttributionMethod,
    ExplainedModel,
    Gradient,
    IntegratedGradients,
)
from facade_allennlp.faithfulness import Faithfulness
from fixtures import batch, build, by_hand, classifier_config, lstm_config, lstm_reader_config
from fixtures.question_answering import build_qa
from fixtures.two_texts import build_two_texts

METHODS: dict[str, AttributionMethod] = {
    "gradient": Gradient(),
    "ig": IntegratedGradients(steps=3),
}
SHARES = (0.1, 0.3, 0.6)


def attributions(explained: ExplainedModel, instances: Sequence[Any]) -> dict[str, Attribution]:
    return {name: m.attribute(explained, batch(instances)) for name, m in METHODS.items()}


def probabilities(model: Model, ids: Sequence[int]) -> list[float]:
    """Of one text, by transformers' BERT."""
    row = torch.tensor([list(ids)])
    indexed = {
        "token_ids": row,
        "mask": torch.ones_like(row).bool(),
        "type_ids": torch.zeros_like(row),
    }
    inputs = {"tokens": {"tokens": indexed}}
    embedded = by_hand.embeddings(model, inputs)
    return by_hand.logits(model, inputs, embedded).softmax(dim=-1)[0].tolist()


def test_equals_texts_shortened_by_hand() -> None:
    model, _, instances = build(classifier_config())
    explained = ExplainedModel(model.double())
    made = attributions(explained, instances)
    names = model.vocab.get_index_to_token_vocabulary("labels")
    numbers = [7 * index for index in range(len(instances))]
    measured = Faithfulness(SHARES, seed=3).measure(
        explained.with_budget(60), instances, numbers, made
    )
    for row, (found, number) in enumerate(zip(measured, numbers, strict=True)):
        assert found is not None
        first = made["gradient"]
        ids = first.fields[0].ids[row][first.mask[row]].tolist()
        inner = range(1, len(ids) - 1)  # between [CLS] and [SEP]
        whole = probabilities(model, ids)
        label = whole.index(max(whole))
        assert found["whole"] == pytest.approx(whole[label])
        random = numpy.random.default_rng([3, number]).random(len(inner))
        scores = {name: of.normalized[row][1 : len(ids) - 1].tolist() for name, of in made.items()}
        for name, of_tokens in {**scores, "random": random.tolist()}.items():
            order = sorted(inner, key=lambda i: -of_tokens[i - 1])
            counts = [min(math.ceil(share * len(order)), len(order) - 1) for share in SHARES]
            result = found["methods"][name]
            for place, count in enumerate(counts):
                out = set(order[:count])
                without = probabilities(model, [t for i, t in enumerate(ids) if i not in out])
                only = probabilities(
                    model, [t for i, t in enumerate(ids) if i in out or i not in inner]
                )
                assert result["without"][place] == pytest.approx(without[label])
                assert result["only"][place] == pytest.approx(only[label])
                assert result["predicted"][place] == names[without.index(max(without))]
            moved = [
                abs(whole[label] - probabilities(model, ids[:i] + ids[i + 1 :])[label])
                for i in inner
            ]
            assert result["left_out"] == pytest.approx(spearmanr(moved, of_tokens).statistic)


def test_results_do_not_depend_on_the_batch() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    numbers = range(len(instances))
    faithfulness = Faithfulness()
    made = attributions(explained, instances)
    together = faithfulness.measure(explained, instances, numbers, made)
    for number, (instance, expected) in enumerate(zip(instances, together, strict=True)):
        own = attributions(explained, [instance])
        (alone,) = faithfulness.measure(explained.with_budget(1), [instance], [number], own)
        assert alone is not None
        assert expected is not None
        for name, result in expected["methods"].items():
            assert alone["methods"][name]["without"] == pytest.approx(result["without"])
            assert alone["methods"][name]["only"] == pytest.approx(result["only"])


def without_special_tokens(model: Model, pair: Instance, **kept: int) -> Instance:
    """A pair of texts, or of the one token of each that is `kept`, counted without the special."""
    fields = {}
    for name, field in pair.fields.items():
        assert isinstance(field, TextField)
        tokens = field.tokens[1:-1]
        tokens = [tokens[kept[name]]] if name in kept else tokens
        fields[name] = TextField(tokens, field.token_indexers)
    instance = Instance(fields)
    instance.index_fields(model.vocab)
    return instance


def test_a_text_field_keeps_its_last_token() -> None:
    model, pairs = build_two_texts()
    instances = [without_special_tokens(model, pair) for pair in pairs]
    explained = ExplainedModel(model.double())
    attribution = Gradient().attribute(explained, batch(instances))
    found = Faithfulness([0.99]).measure(
        explained, instances, range(len(instances)), {"gradient": attribution}
    )
    for row, (pair, instance, result) in enumerate(zip(pairs, instances, found)):
        widths = [field.mask.shape[1] for field in attribution.fields]
        lowest = {
            field.name: int(shares[field.mask[row]].argmin())
            for field, shares in zip(attribution.fields, attribution.normalized[row].split(widths))
        }
        label = model(**batch([instance]))["logits"].argmax()
        left = without_special_tokens(model, pair, **lowest)
        expected = model(**batch([left]))["logits"].softmax(dim=-1)[0, label]
        assert result is not None
        assert result["methods"]["gradient"]["without"] == [pytest.approx(float(expected))]


def test_whole_words_are_taken_out_of_lstms() -> None:
    model, _, instances = build(lstm_config(), lstm_reader_config())
    explained = ExplainedModel(model.double())
    made = attributions(explained, instances)
    found = Faithfulness([0.2]).measure(explained, instances, range(len(instances)), made)
    for result, instance in zip(found, instances, strict=True):
        assert (result is None) == (len(instance.fields["tokens"].tokens) < 2)  # type: ignore[attr-defined]


def test_models_of_spans_are_refused() -> None:
    model, instances = build_qa()
    explained = ExplainedModel(model)
    made = {"gradient": Gradient().attribute(explained, batch(instances))}
    with pytest.raises(ConfigurationError, match=r"answers stay .* a span of .*span_start"):
        Faithfulness().measure(explained, instances, range(len(instances)), made)


@pytest.mark.parametrize("shares", [[0], [0.1, 1], [-0.5], [float("nan")]])
def test_wrong_shares_are_refused(shares: list[float]) -> None:
    with pytest.raises(ConfigurationError, match=r"a share .* a finite number > 0 and < 1"):
        Faithfulness.from_params(Params({"shares": shares}))


def test_no_shares_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="the list is empty"):
        Faithfulness([])

import random
from typing import Any

import pytest
import torch
from allennlp.data import Instance, Token
from allennlp.data.fields import LabelField, MetadataField, SpanField, TensorField, TextField

from facade_allennlp.attribution import ExplainedModel, Gradient
from facade_allennlp.attribution.batches import batches_of
from facade_allennlp.attribution.like_lengths import ON_CPU, parts_of_like_length
from facade_allennlp.attribution.metadata_use import BATCHES
from facade_allennlp.tasks.task import make_task
from fixtures import batch, build


def texts(lengths: list[int]) -> list[Instance]:
    return [Instance({"tokens": TextField([Token("a")] * length, {})}) for length in lengths]


@pytest.fixture
def lengths() -> list[int]:
    return random.Random(0).choices(range(60), k=200)


@pytest.mark.parametrize("most", [1, 7, 64, 500, 10**6])
def test_batches_hold_every_instance_once_and_no_more_tokens_than_allowed(
    lengths: list[int], most: int
) -> None:
    batches = batches_of(texts(lengths), most)
    assert sorted(index for indices in batches for index in indices) == list(range(len(lengths)))
    for indices in batches:
        longest = max(lengths[index] for index in indices)
        assert len(indices) * longest <= most or len(indices) == 1


def test_the_same_instances_give_the_same_batches(lengths: list[int]) -> None:
    assert batches_of(texts(lengths), 100) == batches_of(texts(lengths), 100)


def test_each_text_field_has_its_own_padding() -> None:
    """Texts of 9 and 1 tokens, and of 1 and 9, are rows of 18 tokens together."""

    def pair(*lengths: int) -> Instance:
        fields = [TextField([Token("a")] * length, {}) for length in lengths]
        return Instance(dict(zip(("premise", "hypothesis"), fields)))

    assert batches_of([pair(9, 1), pair(1, 9)], 35) == [[0], [1]]
    assert batches_of([pair(9, 1), pair(1, 9)], 36) == [[0, 1]]
    assert batches_of([pair(9, 1), pair(1, 9), pair(5, 5)], 53) == [[0], [1, 2]]
    assert batches_of([pair(9, 1), pair(1, 9), pair(5, 5)], 54) == [[0, 1, 2]]


def test_padding_is_small(lengths: list[int]) -> None:
    batches = batches_of(texts(lengths), 400)
    padded = sum(len(batch) * max(lengths[index] for index in batch) for batch in batches)
    assert padded < 1.2 * sum(lengths)


def test_all_text_fields_count() -> None:
    pair = Instance({name: TextField([Token("a")] * 5, {}) for name in ("premise", "hypothesis")})
    assert batches_of([pair, pair], 19) == [[0], [1]]
    assert batches_of([pair, pair], 20) == [[0, 1]]


def test_only_labels_and_what_the_model_does_not_take_are_left_out() -> None:
    tokens = TextField([Token("a")], {})
    instance = Instance(
        {
            "tokens": tokens,
            "span": SpanField(0, 0, tokens),
            "stars": TensorField(torch.tensor(-2.0)),
            "label": LabelField("x"),
            "metadata": MetadataField({}),
        }
    )
    model, _, _ = build()
    assert set(ExplainedModel(model).unlabelled(instance).fields) == {"tokens", "metadata"}

    class Reads(type(model)):  # type: ignore[misc]
        def forward(self, tokens: Any, span: Any, stars: Any = None, label: Any = None) -> Any: ...

    class NeedsLabels(type(model)):  # type: ignore[misc]
        def forward(self, tokens: Any, label: Any) -> Any: ...

    model.__class__ = Reads
    assert set(ExplainedModel(model).unlabelled(instance).fields) == {"tokens", "span", "stars"}
    task = make_task({"type": "number", "gold_field": "stars"}, model.vocab, "labels")
    said = ExplainedModel(model, task=task)
    assert set(said.unlabelled(instance).fields) == {"tokens", "span"}
    model.__class__ = NeedsLabels
    assert set(ExplainedModel(model).unlabelled(instance).fields) == {"tokens", "label"}


@pytest.mark.parametrize("read", [True, False])
def test_metadata_stays_where_the_logits_depend_on_it(read: bool) -> None:
    model, _, instances = build()
    passes = []

    class Shifted(type(model)):  # type: ignore[misc]
        def forward(self, tokens: Any, metadata: Any = None, label: Any = None) -> Any:
            passes.append(metadata)
            output = super().forward(tokens)
            if metadata and read:
                output["logits"] = output["logits"] + torch.tensor([m["shift"] for m in metadata])
            return output

    model.__class__ = Shifted
    shifts = [{"shift": [9.0 * (row % 2), 0.0]} for row in range(len(instances))]
    inputs = {**batch(instances), "metadata": shifts}
    explained = ExplainedModel(model)
    found = Gradient().attribute(explained, inputs)
    assert torch.equal(found.classes[0], model(**inputs)["logits"].argmax(dim=-1))
    for _ in range(BATCHES):  # as long as it tries
        passes.clear()
        Gradient().attribute(explained, inputs)
    assert all(bool(metadata) == read for metadata in passes)


def test_instances_with_unlike_fields_are_in_different_batches() -> None:
    bare, starred = texts([1])[0], texts([1])[0]
    starred.add_field("stars", TensorField(torch.tensor(-2.0)))
    assert batches_of([bare, starred, bare, starred], 100) == [[0, 2], [1, 3]]


def test_passes_over_planned_batches_hold_little_padding() -> None:
    """Of a corpus, whatever passes cost to begin: at most a twentieth of its tokens."""
    generator = random.Random(1)
    lengths = [generator.randint(4, 60) for _ in range(800)]
    computed = 0
    for indices in batches_of(texts(lengths), ON_CPU.tokens):
        own = [lengths[index] for index in indices]
        for part in parts_of_like_length([(length,) for length in own], ON_CPU):
            computed += len(part) * max(own[place] for place in part)
    assert computed <= 1.05 * sum(lengths)

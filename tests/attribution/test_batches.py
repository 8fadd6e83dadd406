import random
from typing import Any

import pytest
from allennlp.data import Instance, Token
from allennlp.data.fields import LabelField, MetadataField, SpanField, TextField

from facade_allennlp.attribution.batches import batches_of, unlabelled
from fixtures import build


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
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[index] for index in batch)
        assert len(batch) * longest <= most or len(batch) == 1


def test_the_same_instances_give_the_same_batches(lengths: list[int]) -> None:
    assert batches_of(texts(lengths), 100) == batches_of(texts(lengths), 100)


def test_each_text_field_has_its_own_padding() -> None:
    """Texts of 9 and 1 tokens, and of 1 and 9, are rows of 18 tokens together."""

    def pair(*lengths: int) -> Instance:
        fields = [TextField([Token("a")] * length, {}) for length in lengths]
        return Instance(dict(zip(("premise", "hypothesis"), fields)))

    assert batches_of([pair(9, 1), pair(1, 9)], 35) == [[0], [1]]
    assert batches_of([pair(9, 1), pair(1, 9)], 36) == [[0, 1]]
    assert batches_of([pair(9, 1), pair(1, 9), pair(5, 5)], 53) == [[0, 1], [2]]
    assert batches_of([pair(9, 1), pair(1, 9), pair(5, 5)], 54) == [[0, 1, 2]]


def test_padding_is_small(lengths: list[int]) -> None:
    batches = batches_of(texts(lengths), 400)
    padded = sum(len(batch) * max(lengths[index] for index in batch) for batch in batches)
    assert padded < 1.2 * sum(lengths)


def test_all_text_fields_count() -> None:
    pair = Instance({name: TextField([Token("a")] * 5, {}) for name in ("premise", "hypothesis")})
    assert batches_of([pair, pair], 19) == [[0], [1]]
    assert batches_of([pair, pair], 20) == [[0, 1]]


def test_only_labels_that_the_model_can_do_without_are_left_out() -> None:
    question = TextField([Token("a")], {})
    instance = Instance(
        {
            "question": question,
            "span": SpanField(0, 0, question),
            "label": LabelField("x"),
            "metadata": MetadataField({}),
        }
    )
    model, _, _ = build()
    assert set(unlabelled(instance, model).fields) == {"question", "metadata"}

    class Asks(type(model)):  # type: ignore[misc]
        def forward(self, question: Any, span: Any, label: Any = None) -> Any: ...

    asking = Asks.__new__(Asks)
    assert set(unlabelled(instance, asking).fields) == {"question", "metadata", "span"}

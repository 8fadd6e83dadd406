from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, Instance, Token, Vocabulary
from allennlp.data.fields import (
    IndexField,
    ListField,
    MetadataField,
    SequenceLabelField,
    SpanField,
    TextField,
)
from allennlp.data.token_indexers import SingleIdTokenIndexer

from facade_allennlp.texts.edit import exchange_token, insert_tokens, keep_tokens
from fixtures import batch, build, read_text

WORDS = ["a", "b", "c", "d", "e"]


@pytest.fixture
def vocabulary() -> Vocabulary:
    vocabulary = Vocabulary.empty()
    vocabulary.add_tokens_to_namespace(WORDS, "tokens")
    return vocabulary


def text(*words: str) -> TextField:
    return TextField([Token(word) for word in words], {"tokens": SingleIdTokenIndexer()})


@pytest.fixture
def instance(vocabulary: Vocabulary) -> Instance:
    """A text with what points into it, and another text."""
    question = text(*WORDS)
    other = text("c", "a")
    made = Instance(
        {
            "question": question,
            "other": other,
            "span": SpanField(2, 4, question),
            "index": IndexField(3, question),
            "index_of_other": IndexField(1, other),
            "metadata": MetadataField({"id": 7}),
        }
    )
    made.index_fields(vocabulary)
    return made


def tensors(instance: Instance) -> dict[str, Any]:
    return dict(Batch([instance]).as_tensor_dict())


def ids(instance: Instance, vocabulary: Vocabulary) -> list[str]:
    row = tensors(instance)["question"]["tokens"]["tokens"][0].tolist()
    return [vocabulary.get_token_from_index(i) for i in row]


def test_spans_and_indices_go_with_their_tokens(instance: Instance, vocabulary: Vocabulary) -> None:
    edited = keep_tokens(instance, "question", [1, 2, 3, 4], vocabulary)
    assert ids(edited, vocabulary) == ["b", "c", "d", "e"]
    assert tensors(edited)["span"].tolist() == [[1, 3]]
    assert tensors(edited)["index"].tolist() == [[2]]

    edited = keep_tokens(instance, "question", [0, 3], vocabulary)  # ends of the span are gone
    assert ids(edited, vocabulary) == ["a", "d"]
    assert tensors(edited)["span"].tolist() == [[1, 1]]
    assert tensors(edited)["index"].tolist() == [[1]]


def test_fields_that_do_not_depend_on_the_text_are_shared(
    instance: Instance, vocabulary: Vocabulary
) -> None:
    edited = keep_tokens(instance, "question", [2, 3], vocabulary)
    for name in ("other", "index_of_other", "metadata"):
        assert edited.fields[name] is instance.fields[name]


def test_the_edited_instance_stays_as_it_is(instance: Instance, vocabulary: Vocabulary) -> None:
    keep_tokens(instance, "question", [2, 3], vocabulary)
    exchange_token(instance, "question", 0, 1, "tokens", vocabulary)
    assert ids(instance, vocabulary) == WORDS
    assert tensors(instance)["span"].tolist() == [[2, 4]]


def test_a_duplicate_is_edited_as_the_instance_is(
    instance: Instance, vocabulary: Vocabulary
) -> None:
    edited = keep_tokens(instance.duplicate(), "question", [1, 2, 3, 4], vocabulary)
    assert tensors(edited)["span"].tolist() == [[1, 3]]
    assert tensors(edited)["index_of_other"].tolist() == [[1]]


def test_an_exchanged_token_leaves_positions_alone(
    instance: Instance, vocabulary: Vocabulary
) -> None:
    new = vocabulary.get_token_index("e")
    edited = exchange_token(instance, "question", 1, new, "tokens", vocabulary)
    assert ids(edited, vocabulary) == ["a", "e", "c", "d", "e"]
    assert tensors(edited)["span"].tolist() == [[2, 4]]
    assert edited.fields["span"].sequence_field is edited.fields["question"]  # type: ignore[attr-defined]


def test_word_pieces_keep_their_segments() -> None:
    model, reader, _ = build()
    instance = read_text(model, reader, "the film was good")
    for token in instance.fields["tokens"].tokens[3:]:  # type: ignore[attr-defined]
        token.type_id = 1
    awful = model.vocab.get_token_index("awful", "tags")
    edited = exchange_token(instance, "tokens", 3, awful, "tags", model.vocab)
    expected = read_text(model, reader, "the film awful good")
    found = batch([edited])["tokens"]["tokens"]
    assert (
        found["token_ids"].tolist() == batch([expected])["tokens"]["tokens"]["token_ids"].tolist()
    )
    assert found["type_ids"].tolist() == [[0, 0, 0, 1, 1, 1]]

    edited = keep_tokens(edited, "tokens", [0, 2, 3, 5], model.vocab)
    expected = read_text(model, reader, "film awful")
    found = batch([edited])["tokens"]["tokens"]
    assert (
        found["token_ids"].tolist() == batch([expected])["tokens"]["tokens"]["token_ids"].tolist()
    )
    assert found["type_ids"].tolist() == [[0, 0, 1, 1]]


@pytest.mark.parametrize(("kept", "lost"), [([0, 1], "span 2 to 4"), ([2, 4], "token at 3")])
def test_what_a_span_or_an_index_points_to_cannot_be_removed(
    instance: Instance, vocabulary: Vocabulary, kept: list[int], lost: str
) -> None:
    with pytest.raises(ValueError, match=lost):
        keep_tokens(instance, "question", kept, vocabulary)


def test_other_fields_that_depend_on_the_tokens_are_refused(
    instance: Instance, vocabulary: Vocabulary
) -> None:
    question: Any = instance.fields["question"]
    tags = SequenceLabelField(WORDS, question)
    with pytest.raises(ConfigurationError, match=r"'tags'.*SequenceLabelField"):
        keep_tokens(Instance({**instance.fields, "tags": tags}), "question", [2, 3], vocabulary)
    spans = ListField([SpanField(0, 1, question)])
    with pytest.raises(ConfigurationError, match=r"'spans'.*ListField"):
        keep_tokens(Instance({**instance.fields, "spans": spans}), "question", [2, 3], vocabulary)


def test_what_points_into_a_text_points_to_the_same_tokens_after_others_are_put_in(
    instance: Instance, vocabulary: Vocabulary
) -> None:
    edited = insert_tokens(instance, "question", {0: ["e"], 3: ["a", "b"], 5: ["c"]}, vocabulary)
    assert ids(edited, vocabulary) == ["e", "a", "b", "c", "a", "b", "d", "e", "c"]
    assert tensors(edited)["span"].tolist() == [[3, 7]]
    assert tensors(edited)["index"].tolist() == [[6]]
    assert edited.fields["other"] is instance.fields["other"]
    assert ids(instance, vocabulary) == WORDS

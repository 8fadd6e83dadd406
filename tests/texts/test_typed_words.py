"""Words in records are what a person typed, whatever the vocabulary makes of it."""

from typing import Any

import pytest
from allennlp.common import Params
from allennlp.data import DatasetReader, Vocabulary

from facade_allennlp.texts.reader_spellings import reader_spellings
from facade_allennlp.texts.spelling import Spelling
from facade_allennlp.texts.token_reader import TokenReader
from facade_allennlp.texts.token_sequence import TokenSequence
from facade_allennlp.texts.typed_words import keep_source_texts, source_text
from fixtures import lstm_reader_config, reader_config


def typed(reader: DatasetReader, text: str) -> list[str]:
    instance = reader.text_to_instance(text)
    tokens = [token.text for token in instance.fields["tokens"].tokens]  # type: ignore[attr-defined]
    sequence = TokenSequence.from_tokens("tokens", tokens, Spelling(inside="##"))
    return source_text(instance, [sequence]).words


@pytest.fixture
def reader() -> DatasetReader:
    made = DatasetReader.from_params(Params(reader_config()))
    keep_source_texts(made)
    return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Film was GREAT", ["The", "Film", "was", "GREAT"]),
        ("an endless story", ["an", "endless", "story"]),  # end ##less
        ("Unfilmed  Actors", ["Unfilmed", "Actors"]),  # un ##film? or [UNK], and two spaces
        ("a Zyzzyva sings", ["a", "Zyzzyva", "sings"]),
        ("  the   film  ", ["the", "film"]),
        ("great!!", ["great", "!", "!"]),
        ("Très café 东 film", ["Très", "café", "东", "film"]),
        ("", []),
        ("   ", []),
    ],
)
def test_words_are_as_typed(reader: DatasetReader, text: str, expected: list[str]) -> None:
    assert typed(reader, text) == expected


def test_asking_twice_to_keep_texts_changes_nothing(reader: DatasetReader) -> None:
    before = reader.text_to_instance
    keep_source_texts(reader)
    assert reader.text_to_instance is before


def test_readers_that_keep_no_texts_give_the_vocabularys_spelling() -> None:
    reader = DatasetReader.from_params(Params(reader_config()))
    assert typed(reader, "The Film") == ["the", "film"]


@pytest.mark.parametrize(
    ("tokenizer", "text", "expected"),
    [
        ("just_spaces", "The Zyzzyva, the Film", ["The", "Zyzzyva,", "the", "Film"]),
        (
            {"type": "character", "lowercase_characters": True},
            "The hE",
            [*"The", "@@unknown@@", *"hE"],
        ),
        ({"type": "just_spaces"}, "", []),
    ],
)
def test_words_of_tokenizers_without_offsets_are_found_in_the_text(
    tokenizer: Any, text: str, expected: list[str]
) -> None:
    config = {**lstm_reader_config(), "tokenizer": tokenizer}
    config["token_indexers"]["tokens"]["lowercase_tokens"] = True
    reader = DatasetReader.from_params(Params(config))
    keep_source_texts(reader)
    vocabulary = Vocabulary(
        tokens_to_add={"tokens": ["the", "film", *"the"], "labels": ["The label"]}
    )
    instance = reader.text_to_instance(text, "The label")
    reader.apply_token_indexers(instance)
    instance.index_fields(vocabulary)
    ids = instance.fields["tokens"]._indexed_tokens["tokens"]["tokens"]  # type: ignore[attr-defined]
    sequence = TokenReader(vocabulary, reader_spellings(reader)).sequence("tokens", ids, "tokens")
    assert source_text(instance, [sequence]).words == expected


def test_words_that_an_indexer_takes_apart_are_as_typed() -> None:
    text = "A Filmed Zyzzyva, great!"
    config = reader_config()
    config["tokenizer"] = "letters_digits"
    config["token_indexers"]["tokens"]["type"] = "pretrained_transformer_mismatched"
    reader = DatasetReader.from_params(Params(config))
    keep_source_texts(reader)
    instance = reader.text_to_instance(text)
    reader.apply_token_indexers(instance)
    instance.index_fields(Vocabulary())
    indexed = instance.fields["tokens"]._indexed_tokens["tokens"]  # type: ignore[attr-defined]
    pieces = reader._token_indexers["tokens"]._tokenizer.convert_ids_to_tokens(indexed["token_ids"])
    assert pieces == ["[CLS]", "a", "film", "##ed", "[UNK]", ",", "great", "!", "[SEP]"]
    sequence = TokenSequence.from_tokens("tokens", pieces, Spelling(inside="##"))
    shown = source_text(instance, [sequence])
    assert shown.words == ["A", "Filmed", "Zyzzyva", ",", "great", "!"]
    assert shown.word_ids == [None, 0, 1, 1, 2, 3, 4, 5, None]

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import nltk.corpus
import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary

from facade_allennlp.attribution import ExplainedModel, FieldTokens, Gradient, target_mask
from facade_allennlp.targets import TokenTarget
from facade_allennlp.targets.stop_words import english_stop_words
from facade_allennlp.texts.spelling import Spelling
from facade_allennlp.texts.token_reader import TokenReader
from facade_allennlp.texts.token_sequence import TokenSequence
from fixtures import batch, build
from fixtures.two_texts import build_two_texts


def spelled(tokens: str) -> list[str]:
    return tokens.split()


WORD_PIECES = spelled("[CLS] the actor ##s was end ##less ##ly good . [SEP]")
BYTE_LEVEL = spelled("<s> The Ġactors Ġwas Ġend less ly Ġgood . </s>")
SENTENCE_PIECES = spelled("<s> ▁The ▁actor s ▁was ▁end less ▁good . </s>")
WHOLE_WORDS = spelled("The actors was endlessly good .")
PIECES = Spelling(inside="##")
BYTES = Spelling(beginning="Ġ", by_bytes=True)
SENTENCES = Spelling(beginning="▁")
WHOLE = Spelling()
PAIR = spelled("[CLS] the film [SEP] the food was good [SEP]")


def sequence(tokens: Sequence[str], spelling: Spelling, field: str = "tokens") -> TokenSequence:
    return TokenSequence.from_tokens(field, tokens, spelling)


def target(**config: Any) -> TokenTarget:
    return TokenTarget.from_params(Params(config))


def chosen(tokens: Sequence[str], spelling: Spelling, **config: Any) -> list[str]:
    return [tokens[i] for i in target(**config).positions(sequence(tokens, spelling))]


@pytest.mark.parametrize(
    ("tokens", "spelling", "words"),
    [
        (WORD_PIECES, PIECES, "the actors was endlessly good ."),
        (BYTE_LEVEL, BYTES, "the actors was endlessly good ."),
        (SENTENCE_PIECES, SENTENCES, "the actors was endless good ."),
        (WHOLE_WORDS, WHOLE, "the actors was endlessly good ."),
    ],
)
def test_pieces_are_joined_to_words(tokens: list[str], spelling: Spelling, words: str) -> None:
    assert " ".join(sequence(tokens, spelling).words) == words


def test_special_tokens_belong_to_no_word_and_part_the_segments() -> None:
    pair = sequence(PAIR, PIECES)
    assert pair.word_ids == (None, 0, 1, None, 2, 3, 4, 5, None)
    assert pair.segment_ids == (None, 0, 0, None, 1, 1, 1, 1, None)


def test_two_special_tokens_in_a_row_part_only_two_segments() -> None:
    pair = sequence(spelled("<s> The Ġfilm </s> </s> It Ġwas </s>"), BYTES)
    assert pair.segment_ids == (None, 0, 0, None, None, 1, 1, None)
    assert pair.words == ("the", "film", "it", "was")


@pytest.mark.parametrize(
    ("tokens", "spelling", "first", "last"),
    [
        (WORD_PIECES, PIECES, "the", "."),
        (BYTE_LEVEL, BYTES, "The", "."),
        (WHOLE_WORDS, WHOLE, "The", "."),
        (["[CLS]", "good", "[SEP]"], PIECES, "good", "good"),
    ],
)
def test_first_and_last_token_skip_special_tokens(
    tokens: list[str], spelling: Spelling, first: str, last: str
) -> None:
    assert chosen(tokens, spelling, type="first_token") == [first]
    assert chosen(tokens, spelling, type="last_token") == [last]


@pytest.mark.parametrize(
    "name", ["every_token", "first_token", "last_token", "stop_words", "pronouns"]
)
def test_a_text_of_special_tokens_has_no_target(name: str) -> None:
    assert chosen(["[CLS]", "[SEP]"], PIECES, type=name) == []
    assert chosen([], PIECES, type=name) == []


@pytest.mark.parametrize(
    ("tokens", "spelling", "expected"),
    [
        (WORD_PIECES, PIECES, ["the", "was"]),
        (BYTE_LEVEL, BYTES, ["The", "Ġwas"]),
        (WHOLE_WORDS, WHOLE, ["The", "was"]),
    ],
)
def test_stop_words_in_any_spelling(
    tokens: list[str], spelling: Spelling, expected: list[str]
) -> None:
    assert chosen(tokens, spelling, type="stop_words") == expected


@pytest.mark.parametrize(
    ("tokens", "spelling", "expected"),
    [
        (WORD_PIECES, PIECES, ["end", "##less", "##ly"]),
        (BYTE_LEVEL, BYTES, ["Ġend", "less", "ly"]),
        (WHOLE_WORDS, WHOLE, ["endlessly"]),
    ],
)
def test_every_piece_of_a_word_counts_and_no_part_of_a_longer_one(
    tokens: list[str], spelling: Spelling, expected: list[str]
) -> None:
    assert chosen(tokens, spelling, type="words", words=["Endlessly "]) == expected
    assert chosen(tokens, spelling, type="words", words=["end"]) == []
    assert chosen(tokens, spelling, type="pattern", pattern="end.*") == expected
    assert chosen(tokens, spelling, type="pattern", pattern="end") == []


def test_every_token_but_special_ones() -> None:
    assert chosen(WORD_PIECES, PIECES, type="every_token") == WORD_PIECES[1:-1]
    assert chosen(PAIR, PIECES, type="every_token") == ["the", "film", "the", "food", "was", "good"]
    assert chosen(PAIR, PIECES, type="every_token", field="premise") == ["the", "film"]


def test_all_but_some_tokens() -> None:
    def positions(text: list[str], **config: Any) -> list[int]:
        return target(type="all_but", **config).positions(sequence(text, PIECES))

    assert positions(WORD_PIECES, tokens=["the", "##less", "."]) == [2, 3, 4, 5, 7, 8]
    stop_words = {"type": "stop_words", "field": "hypothesis"}
    assert positions(PAIR, tokens=["was"], target=dict(stop_words)) == [4]
    assert positions(PAIR, tokens=["film"], field="premise") == [1]
    assert positions(PAIR, tokens=[], target=stop_words, field="tokens") == [4, 6]


def test_pronouns_by_gender() -> None:
    tokens = spelled("[CLS] She saw him and his , he saw her [SEP]")
    assert chosen(tokens, PIECES, type="pronouns", gender="female") == ["She", "her"]
    assert chosen(tokens, PIECES, type="pronouns", gender="male") == ["him", "his", "he"]
    assert chosen(tokens, PIECES, type="pronouns") == ["She", "him", "his", "he", "her"]


def test_a_part_of_a_field_that_holds_two_texts() -> None:
    first = {"type": "first_token"}
    assert target(**first, field="premise").positions(sequence(PAIR, PIECES)) == [1]
    assert target(**first, field="hypothesis").positions(sequence(PAIR, PIECES)) == [4]
    assert chosen(PAIR, PIECES, type="stop_words", field="hypothesis") == ["the", "was"]
    assert chosen(PAIR, PIECES, type="last_token", field="question") == ["film"]


def test_a_part_of_a_field_that_holds_one_text_has_no_target() -> None:
    assert chosen(WORD_PIECES, PIECES, type="first_token", field="premise") == []
    assert chosen(WORD_PIECES, PIECES, type="first_token", field="hypothesis") == []


def test_a_field_by_its_name() -> None:
    first = target(type="first_token", field="title")
    assert first.positions(sequence(WORD_PIECES, PIECES, field="title")) == [1]
    assert first.positions(sequence(WORD_PIECES, PIECES, field="body")) == []
    hypothesis = target(type="first_token", field="hypothesis")
    assert hypothesis.positions(sequence(PAIR, PIECES, field="hypothesis")) == [1]


def test_target_mask_marks_target_tokens_of_a_padded_batch() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model)
    found = Gradient().attribute(explained, batch(instances))
    mask = found.target_mask(target(type="words", words=["good", "awful"]), explained.reader)
    spelling = model.vocab.get_index_to_token_vocabulary("tags")
    expected = [
        [spelling[i] in ("good", "awful") for i in row] for row in found.fields[0].ids.tolist()
    ]
    assert mask.tolist() == expected
    assert mask.any()


def test_target_mask_of_one_field_among_two() -> None:
    model, instances = build_two_texts()
    explained = ExplainedModel(model)
    found = Gradient().attribute(explained, batch(instances))
    mask = found.target_mask(target(type="first_token", field="hypothesis"), explained.reader)
    width = found.fields[0].ids.shape[1]
    assert mask.nonzero().tolist() == [[0, width + 1], [1, width + 1]]
    both = found.target_mask(target(type="first_token"), explained.reader)
    assert both.nonzero().tolist() == [[0, 1], [0, width + 1], [1, 1], [1, width + 1]]


def test_a_field_that_the_model_does_not_read_is_refused() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model)
    found = Gradient().attribute(explained, batch(instances))
    with pytest.raises(ConfigurationError, match=r"'title'.*\['tokens'\].*premise"):
        found.target_mask(target(type="first_token", field="title"), explained.reader)


def test_stop_words_load_without_nltks_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(language: str) -> list[str]:
        raise LookupError(language)

    monkeypatch.setattr(nltk.corpus, "stopwords", SimpleNamespace(words=absent))
    shipped = english_stop_words.__wrapped__()
    assert {"the", "a", "not", "herself", "don't"} <= shipped
    assert not shipped & {"film", "good", ""}
    assert {word.lower() for word in shipped} == shipped


def test_stop_words_come_from_nltks_corpus_where_it_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed = SimpleNamespace(words=lambda language: ["whom", language])
    monkeypatch.setattr(nltk.corpus, "stopwords", installed)
    assert english_stop_words.__wrapped__() == {"whom", "english"}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"type": "words", "words": []}, "at least one word"),
        ({"type": "words", "words": [" "]}, "at least one word"),
        ({"type": "pattern", "pattern": "("}, r"'\(' is not a regular expression"),
        ({"type": "pronouns", "gender": "other"}, "'other'.*female"),
        ({"type": "middle_token"}, "middle_token"),
    ],
)
def test_bad_configs_are_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        target(**config)


@pytest.mark.parametrize(
    ("vocabulary", "within", "without"),
    [
        (["[CLS]", "the", "end", "##less", "##ly"], ["the", "endless", "endlessly"], ["lesson"]),
        (["<s>", "Ġthe", "e", "n", "d"], ["the", "end"], ["film"]),
        (["the", "endless"], ["the", "endless"], ["end", "theendless"]),
    ],
)
def test_words_that_no_text_can_hold_are_refused(
    vocabulary: list[str], within: list[str], without: list[str]
) -> None:
    vocab = Vocabulary()
    for token in vocabulary:
        vocab.add_token_to_namespace(token, "tags")
    for word in within:
        target(type="words", words=[word, "xyz"]).check(TokenReader(vocab), "tags")
    for word in without:
        words = {"type": "words", "words": [word]}
        for config in (words, {"type": "all_but", "tokens": [], "target": words}):
            with pytest.raises(ConfigurationError, match=f"no target word.*'tags'.*{word}"):
                target(**config).check(TokenReader(vocab), "tags")


def test_a_namespace_without_tokens_is_refused() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model, namespaces={"token_ids": "wordpieces"})
    found = Gradient().attribute(explained, batch(instances))
    with pytest.raises(ConfigurationError, match=r"'wordpieces'.*field 'tokens'.*token indexer"):
        found.target_mask(target(type="first_token"), explained.reader)


def test_padding_between_segments_is_no_segment() -> None:
    """Positions count among the real tokens, wherever padding stands."""
    model, _, _ = build()
    ids = {word: i for i, word in model.vocab.get_index_to_token_vocabulary("tags").items()}
    row = torch.tensor([[0, ids["[CLS]"], ids["film"], ids["[SEP]"]]])
    tokens = FieldTokens("tokens", row, "tags", row != 0)
    mask = target_mask([tokens], target(type="first_token"), ExplainedModel(model).reader)
    assert mask.tolist() == [[False, False, True, False]]

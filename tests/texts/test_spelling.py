"""How tokenizers of transformers spell words, by texts that they tokenize themselves."""

from pathlib import Path

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance, Vocabulary
from transformers import PreTrainedTokenizerFast

from facade_allennlp.texts.edit import check_editable
from facade_allennlp.texts.reader_spellings import reader_spellings
from facade_allennlp.texts.source_text import ShownWord, shown_words
from facade_allennlp.texts.spelling import Spelling
from facade_allennlp.texts.token_reader import TokenReader
from facade_allennlp.texts.token_sequence import TokenSequence
from facade_allennlp.texts.typed_words import keep_source_texts, source_text
from fixtures import TRAIN, lstm_reader_config
from fixtures.spellings import KINDS, WORDS, byte_level, sentence_pieces, word_pieces


def sequence(tokenizer: PreTrainedTokenizerFast, text: str) -> TokenSequence:
    tokens = tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"])
    return TokenSequence.from_tokens("tokens", tokens, Spelling.by_tokenizer(tokenizer))


@pytest.mark.parametrize("marker", KINDS)
def test_the_tokenizers_own_kind_decides(marker: str) -> None:
    tokenizer = KINDS[marker]()
    spelling = Spelling.by_tokenizer(tokenizer)
    assert marker in (spelling.inside, spelling.beginning)
    ordinary = {*tokenizer.all_special_tokens} - {tokenizer.unk_token}
    assert spelling.special >= ordinary
    assert tokenizer.unk_token not in spelling.special
    tokens = tokenizer.get_vocab()
    assert Spelling.by_vocabulary(tokens).marked(f"{marker}film") == spelling.marked(
        f"{marker}film"
    )
    assert not any(spelling.whole_word(token) for token in tokenizer.all_special_tokens)
    assert all(spelling.spells(word, tokens) for word in ("film", "good", "films"))


def test_special_tokens_are_the_tokenizers_whatever_they_are_called() -> None:
    tokenizer = byte_level()
    tokenizer.add_special_tokens({"additional_special_tokens": ["<speaker>"], "sep_token": "|"})
    tokenizer.add_tokens(["newword"])
    found = sequence(tokenizer, "the film|<speaker> the newwording")
    assert [t for t, w in zip(found.tokens, found.word_ids) if w is None] == [
        *("<s>", "|", "<speaker>", "</s>"),
    ]
    assert found.words == ("the", "film", "the", "newword", "ing")


@pytest.mark.parametrize("make", [byte_level, sentence_pieces, word_pieces])
def test_words_have_all_their_pieces_and_no_others(make: type[PreTrainedTokenizerFast]) -> None:
    found = sequence(make(), "the film was good .")
    assert found.words == ("the", "film", "was", "good", ".")
    assert sequence(make(), "  the   film  ").words == ("the", "film")


@pytest.mark.parametrize(
    "text",
    [
        "the charming film was good .",
        "café e\u0301te\u0301 naïve",
        "你好 東京",
        "👍🏽 👨\u200d👩\u200d👧 🇩🇪 ❤️",
        "नमस्ते मुंबई",
        "שלום עולם",
        "## heading #### ###",
    ],
)
def test_pieces_of_bytes_make_the_typed_words(text: str) -> None:
    """Parts of a character, accents, vowel signs and joined emoji belong to one word."""
    words = sequence(byte_level(), text).words
    assert "".join(words) == text.replace(" ", "")
    if "#" not in text:
        assert list(words) == text.split()


@pytest.fixture(scope="module")
def readers(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, tuple[DatasetReader, Vocabulary]]:
    made = {}
    for number, (marker, make) in enumerate(KINDS.items()):
        folder: Path = tmp_path_factory.mktemp("tokenizers") / str(number)
        make().save_pretrained(folder)
        part = {"type": "pretrained_transformer", "model_name": str(folder)}
        config = {
            "type": "text_classification_json",
            "tokenizer": dict(part),
            "token_indexers": {"tokens": dict(part)},
        }
        made[marker] = DatasetReader.from_params(Params(config)), Vocabulary.empty()
        keep_source_texts(made[marker][0])
    return made


def shown(reader: DatasetReader, vocabulary: Vocabulary, text: str) -> list[ShownWord]:
    """The words of a text on their way through reader, indexer and vocabulary."""
    instance = reader.text_to_instance(text, "positive")
    vocabulary.add_token_to_namespace("positive", "labels")
    reader.apply_token_indexers(instance)
    instance.index_fields(vocabulary)
    ids = instance.as_tensor_dict()["tokens"]["tokens"]["token_ids"].tolist()
    by_reader = TokenReader(vocabulary, reader_spellings(reader)).sequence("tokens", ids, "tags")
    by_vocabulary = TokenReader(vocabulary).sequence("tokens", ids, "tags")
    assert by_vocabulary == by_reader
    words = shown_words(source_text(instance, [by_reader]))
    return [word for word in words if not word.special]


@pytest.mark.parametrize("marker", KINDS)
@pytest.mark.parametrize(
    "text",
    [
        "A charming film.",
        "A 東京 film, 你好 好!",
        "The …½ﬁlm",
        "Ça va? Très café ❤️ 👍🏽",
        "the  film ",
    ],
)
def test_each_typed_word_is_shown_once(
    readers: dict[str, tuple[DatasetReader, Vocabulary]], marker: str, text: str
) -> None:
    words = [word.text for word in shown(*readers[marker], text)]
    assert "".join("".join(words).split()) == "".join(text.split())
    for spaced in ("charming", "film", "東京", "café"):
        if spaced in text.split() and (marker != "##" or spaced != "東京"):
            assert words.count(spaced) == 1


def test_a_token_that_a_person_typed_parts_no_words_from_their_text(
    readers: dict[str, tuple[DatasetReader, Vocabulary]],
) -> None:
    """What stands behind a special token in a text is not looked for in the label."""
    assert [word.text for word in shown(*readers["##"], "A Good [SEP] Film")] == [
        *("A", "Good", "Film"),
    ]


def test_a_reader_of_whole_words_has_no_pieces() -> None:
    reader = DatasetReader.from_params(Params(lstm_reader_config()))
    assert reader_spellings(reader)["tokens"].whole_word("film")
    vocabulary = Vocabulary.from_instances(reader.read(TRAIN))
    vocabulary.add_tokens_to_namespace(["##film", "###", "Ġcharm", "▁a"] * 3, "tokens")
    spelling = TokenReader(vocabulary, reader_spellings(reader)).spelling("tokens")
    tokens = ["##film", "Ġcharm", "▁a"]
    assert TokenSequence.from_tokens("tokens", tokens, spelling).word_ids == (0, 1, 2)


def test_tokens_that_an_indexer_puts_around_a_text_are_none_of_its_words() -> None:
    config = lstm_reader_config()
    around = {"start_tokens": ["<<", "the"], "end_tokens": [">>"]}
    config["token_indexers"]["tokens"].update(around)
    reader = DatasetReader.from_params(Params(config))
    keep_source_texts(reader)
    vocabulary = Vocabulary.from_instances(reader.read(TRAIN))
    instance: Instance = reader.text_to_instance("the film")
    reader.apply_token_indexers(instance)
    instance.index_fields(vocabulary)
    ids = instance.as_tensor_dict()["tokens"]["tokens"]["tokens"].tolist()
    found = TokenReader(vocabulary, reader_spellings(reader)).sequence("tokens", ids, "tokens")
    assert found.word_ids == (None, None, 0, 1, None)
    assert found.words == ("the", "film")
    assert source_text(instance, [found]).words == ["the", "film"]
    words = [(word.text, word.positions) for word in shown_words(source_text(instance, [found]))]
    assert ("film", [3]) in words
    with pytest.raises(ConfigurationError, match="must have no start_tokens and end_tokens"):
        check_editable([instance], [found], "to be attacked")


def test_a_marker_that_few_tokens_have_says_nothing() -> None:
    words = [f"{letter}{word}" for letter in "abcdefghij" for word in WORDS]
    assert Spelling.by_vocabulary([*words, "##film"]) == Spelling()
    assert Spelling.by_vocabulary([*words, *(f"##{word}" for word in words)]).inside == "##"

import pytest
from allennlp.common.checks import ConfigurationError

from facade_allennlp.attacks import HotFlip
from facade_allennlp.attacks.replacements import Replacements
from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.targets import EveryToken
from fixtures import build, lstm_config, lstm_reader_config
from fixtures.word_scores import build_word_scores, read_texts


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (["[CLS]", "film", "##film", ".", "a1", "un-"], ["film", "a1"]),
        (["<s>", "Ġfilm", "film", "Ġ.", "Ġa1", ".", "Ġæ", "##"], ["Ġfilm", "Ġa1"]),
        (["<s>", "▁film", "film", "▁", "▁a1"], ["▁film", "▁a1"]),
        (["film", "a1", "don't", "@@UNKNOWN@@"], ["film", "a1"]),
    ],
    ids=["word pieces", "byte level", "sentence pieces", "whole words"],
)
def test_what_may_be_put_in_by_kind_of_vocabulary(tokens: list[str], expected: list[str]) -> None:
    model, _ = build_word_scores(dict.fromkeys(tokens, 1.0))
    allowed = Replacements(ExplainedModel(model), "tokens").allowed
    found = [model.vocab.get_token_from_index(i) for i in allowed.nonzero().squeeze(-1).tolist()]
    assert found == expected


def test_a_model_without_a_table_of_embeddings_is_refused() -> None:
    config = lstm_config()
    embedder = config["text_field_embedder"]["token_embedders"]["tokens"]
    embedder["projection_dim"], embedder["embedding_dim"] = embedder["embedding_dim"], 5
    model, _, instances = build(config, lstm_reader_config())
    with pytest.raises(ConfigurationError, match=r"table of embeddings.*BasicTextFieldEmbedder"):
        HotFlip().attack(ExplainedModel(model), instances)


def test_a_vocabulary_without_words_is_refused() -> None:
    model, reader = build_word_scores({"!": 1, ";": 2})
    texts = read_texts(model, reader, "! ;")
    with pytest.raises(ConfigurationError, match=r"no token of the vocabulary.*'tokens'"):
        HotFlip(EveryToken()).attack(ExplainedModel(model), texts)

"""Names in messages."""

import pytest

from facade_allennlp.errors import with_article


@pytest.mark.parametrize(
    "told",
    [
        "an AlbertModel", "a BertModel", "an ElectraForMaskedLM", "an LSTM", "a GRU", "a T5Model",
        "an XLNetModel", "an MPNet", "a GPT2Model", "a RoBERTa", "a UniSpeechModel", "an attack",
        "a method",
    ],
)  # fmt: skip
def test_the_article_is_that_of_the_name_read_aloud(told: str) -> None:
    assert with_article(told.split()[1]) == told

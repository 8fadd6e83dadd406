"""How many tokens are left out of texts that are longer than a model is to read."""

from typing import Any

import pytest
from allennlp.common import Params
from allennlp.data import DatasetReader
from allennlp.models import Model

from facade_allennlp.analysis import Measurement
from facade_allennlp.attribution import explained_model
from facade_allennlp.display.terminal import drawn
from facade_allennlp.predictors import ExplainingPredictor
from facade_allennlp.report.tables import notes
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.summary import Summary
from facade_allennlp.texts.typed_words import keep_source_texts
from fixtures import BERT, build, lstm_reader_config, question_answering, reader_config

LIMIT = 6
SINGLE: dict[str, Any] = {**reader_config()["tokenizer"], "max_length": LIMIT}
PAIRED: dict[str, Any] = {**SINGLE, "add_special_tokens": False}
SNLI: dict[str, Any] = {
    **reader_config(),
    "type": "snli",
    "tokenizer": PAIRED,
    "combine_input_fields": True,
}
WORDS: dict[str, Any] = {**lstm_reader_config(), "max_sequence_length": LIMIT}


def made(config: dict[str, Any]) -> DatasetReader:
    reader = DatasetReader.from_params(Params(config).duplicate())
    keep_source_texts(reader)
    return reader


@pytest.mark.parametrize(
    ("config", "texts", "kept", "truncated"),
    [
        ({**reader_config(), "tokenizer": SINGLE}, ["good " * 4], LIMIT, 0),
        ({**reader_config(), "tokenizer": SINGLE}, ["good " * 5], LIMIT, 1),
        ({**reader_config(), "tokenizer": SINGLE}, ["endless " * 40], LIMIT, 76),  # in two pieces
        (WORDS, ["good " * 6], 6, 0),
        (WORDS, ["good " * 50], 6, 44),
        (SNLI, ["good " * 6, "bad " * 2], 6 + 2 + 3, 0),
        (SNLI, ["good " * 7, "bad " * 9], 6 + 6 + 3, 1 + 3),
        (reader_config(), ["good " * 200], 202, 0),
    ],
)
def test_what_the_limits_of_readers_and_tokenizers_leave_out_is_counted(
    config: dict[str, Any], texts: list[str], kept: int, truncated: int
) -> None:
    reader = made(config)
    for _ in range(2):  # the limits still hold after they were lifted
        instance: Any = reader.text_to_instance(*texts)
        assert len(instance.fields["tokens"]) == kept
        assert instance.truncated == truncated


def test_a_question_is_cut_by_the_reader_of_questions() -> None:
    reader: Any = made({**question_answering.reader_config(), "max_query_length": 3})
    for question, truncated in (("who was good", 0), ("who was good and endless", 3)):
        (instance,) = reader.make_instances("1", question, [], "the film was", None)
        assert instance.truncated == truncated
    windows = list(reader.make_instances("1", "who was", [], "the film was good " * 10, None))
    assert len(windows) > 1
    assert {window.truncated for window in windows} == {0}


@pytest.fixture(scope="module")
def bert() -> tuple[Model, DatasetReader]:
    reader = {**reader_config(), "tokenizer": {**SINGLE, "model_name": BERT}}
    model, made_reader, _ = build(reader=reader)
    return model, made_reader


def test_an_explanation_says_that_its_text_was_cut(bert: tuple[Model, DatasetReader]) -> None:
    predictor = ExplainingPredictor(*bert)
    whole, cut = predictor.explain([{"sentence": "a film"}, {"sentence": "a film " * 4}])
    assert [one.to_json(1)["truncated"] for one in (whole, cut)] == [0, 4]
    assert "cut" not in drawn(whole).plain
    assert drawn(cut).plain.splitlines()[-1] == "  The text was cut: 4 tokens were left out."
    (cut,) = predictor.explain([{"sentence": "a film " * 4}])
    (alone,) = predictor.explain([{"sentence": "a film a film"}])
    assert cut.methods["gradient"].scores == pytest.approx(alone.methods["gradient"].scores)


def test_a_measurement_counts_the_texts_that_were_cut(bert: tuple[Model, DatasetReader]) -> None:
    model, reader = bert
    keep_source_texts(reader)
    instances = []
    for text in ("a film", "a film " * 4, "good " * 5):
        instance = reader.text_to_instance(text)
        reader.apply_token_indexers(instance)
        instance.index_fields(model.vocab)
        instances.append(instance)
    measurement = Measurement.from_settings(Settings({"first": "first_token"}, {}))
    records = measurement.measure(explained_model(model, reader), instances, range(3))
    assert [record.truncated for record in records] == [None, 4, 1]
    summary = measurement.summarize(records)
    assert summary.truncated == 2
    assert measurement.summarize(records[:1]).truncated is None
    told = notes(Summary("f", {"f": summary}, "dev.jsonl", {}, {}, []))
    assert "The texts of 2 of them were cut" in told

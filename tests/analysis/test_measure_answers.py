"""Measuring models that answer questions with a span."""

import json
from pathlib import Path

import pytest
import torch
from allennlp.data import Instance, Vocabulary
from allennlp.data.fields import MetadataField

from facade_allennlp.analysis.run import measure
from facade_allennlp.analysis.tally import Tally
from facade_allennlp.report.tables import model_table
from facade_allennlp.results.files import read_summary
from facade_allennlp.results.record import Record, Window
from facade_allennlp.results.records_file import read
from facade_allennlp.results.settings import Settings
from facade_allennlp.tasks import ModelOutput, Span
from fixtures.archives import write_archive
from fixtures.question_answering import TRAIN, VALIDATION, qa_config, reader_config

TARGETS = {"first_token": {"type": "first_token", "field": "question"}}
LONG = "v3"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("qa") / "f"
    return write_archive(folder, qa_config(), reader_config(), labels=(), data=(TRAIN, VALIDATION))


@pytest.fixture
def results(archive: str, tmp_path: Path) -> Path:
    output = tmp_path / "results"
    measure({"f": archive}, VALIDATION, Settings(TARGETS, {"gradient": "gradient"}), output)
    return output


def test_records_hold_the_answer_of_each_window(results: Path) -> None:
    _, records = read(results / "f.records.jsonl")
    assert [record.window.question for record in records if record.window] == [
        "v1",
        "v2",
        LONG,
        LONG,
        LONG,
    ]
    passages = {
        qa["id"]: paragraph["context"]
        for article in json.loads(Path(VALIDATION).read_text(encoding="utf-8"))["data"]
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    }
    for record in records:
        assert record.window
        assert record.prediction in passages[record.window.question]


def test_words_are_those_of_question_and_window(results: Path) -> None:
    _, records = read(results / "f.records.jsonl")
    text = " ".join(records[0].words)
    assert text == "was the food good ? The food was really good , not the lamp ."
    assert records[0].targets == {"first_token": [1]}
    windows = [
        record.words for record in records if record.window and record.window.question == LONG
    ]
    assert any("Début" in words for words in windows)  # no word of the tiny vocabulary
    assert windows[-1][-3:] == ["is", "fine", "."]


def test_a_question_counts_once_with_the_answer_that_scores_highest() -> None:
    def window(question: str, prediction: str, score: float, *answers: str) -> Record:
        metadata = MetadataField({"id": question, "answers": list(answers)})
        outputs = {
            "best_span_str": [prediction],
            "best_span_probs": torch.tensor([0.5]),
            "best_span_scores": torch.tensor([score]),
        }
        output = ModelOutput(Span.logits, [], outputs, ())
        task = Span(Vocabulary.empty())
        (decided,) = task.decisions(output, [Instance({"metadata": metadata})])
        return Record(
            0,
            decided.gold,
            prediction,
            [0.5],
            [],
            [],
            [],
            {},
            {},
            right=decided.right,
            against_gold=dict(decided.against_gold),
            window=Window(question, score),
        )

    records = [
        window("1", "A dog.", 1.0, "dog"),
        window("1", "the cat", 2.0, "dog"),
        window("2", "The Cat", 0.0, "a cat", "dog"),
        window("3", "two dogs", -1.0, "two cats"),
        window("4", "whatever", 5.0),
    ]
    tally = Tally([], compared=False)
    for record in records:
        tally.add(record)
    assert tally.summary().scores == {"exact_match": 33.33, "f1": 50.0}
    assert [record.right for record in records] == [True, False, True, False, None]
    assert [record.gold for record in records] == ["dog", "dog", "a cat", "two cats", None]


def test_the_table_shows_exact_match_and_f1(results: Path) -> None:
    summary = read_summary(results)
    head, row = model_table(summary).texts()
    assert head[1] == "EM / F1"
    scores = summary.models["f"].scores
    assert row[1] == f"{scores['exact_match']:.1f} / {scores['f1']:.1f}"

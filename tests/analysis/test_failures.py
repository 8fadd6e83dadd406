"""A method or an input that fails does not end what else is measured and explained."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from facade_allennlp.analysis import Analysis, MeasuredBatch
from facade_allennlp.analysis import run as running
from facade_allennlp.analysis.run import measure
from facade_allennlp.archives import load
from facade_allennlp.attribution import AttributionMethod, Gradient
from facade_allennlp.display.page import page
from facade_allennlp.display.terminal import drawn
from facade_allennlp.errors import InputError
from facade_allennlp.predictors import ExplainingPredictor
from facade_allennlp.report.tables import notes
from facade_allennlp.results.records_file import read
from facade_allennlp.results.settings import Settings
from facade_allennlp.scale.workers import Workers
from fixtures import lstm_config, lstm_reader_config
from fixtures.archives import write_archive
from tests.scale.doubled import in_this_process

TEXTS = ["the film was great", "a dull plot", "bad", "a lovely story"]


@AttributionMethod.register("no_films")
class NoFilms(Gradient):
    """Fails on texts about films."""

    def explain(self, model: Any, inputs: Any, classes: Any, rows: int) -> Any:
        ids = inputs["tokens"]["tokens"]["tokens"]
        if (ids == model.model.vocab.get_token_index("film")).any():
            raise AssertionError("no films")
        return super().explain(model, inputs, classes, rows)


@Analysis.register("faulty")
class Faulty(Analysis):
    """Has a fault that texts about films bring to light."""

    def measure(self, batch: MeasuredBatch) -> list[int]:
        return [text.film if "film" in text.words else 0 for text in batch.texts]  # type: ignore[attr-defined]

    def summarize(self, rows: Any, records: Any, reference: Any = None) -> int:
        return len(rows)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A CNN whose filters span two words, so that it cannot read one."""
    config = {
        **lstm_config(),
        "seq2vec_encoder": {
            "type": "cnn", "embedding_dim": 8, "num_filters": 4, "ngram_filter_sizes": [2],
        },
    }  # fmt: skip
    words = sorted({word for text in TEXTS for word in text.split()})
    folder = tmp_path_factory.mktemp("cnn") / "f"
    return write_archive(folder, config, lstm_reader_config(), words=words)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("data") / "texts.jsonl"
    lines = [json.dumps({"text": text, "label": "positive"}) for text in TEXTS]
    file.write_text("\n".join(lines))
    return str(file)


SETTINGS = Settings({"first_token": "first_token"}, {"gradient": "gradient", "never": "no_films"})


def test_the_rest_is_measured_and_what_failed_is_told(
    archive: str, data: str, tmp_path: Path
) -> None:
    # One text in a batch, as else the longer ones make room for the filter.
    settings = Settings(**{**vars(SETTINGS), "max_batch_tokens": 1})
    summary = measure({"f": archive}, data, settings, tmp_path)
    model = summary.models["f"]
    assert model.instances == 3
    assert model.failed == {"never": {"AssertionError: no films": 1}}
    assert list(model.left_out.values()) == [1]  # type: ignore[union-attr]
    told = notes(summary)
    assert "1 inputs that f cannot read are left out: " in told
    assert "never fails on 1 of 3 inputs of f, which its numbers leave out: Assert" in told
    _, records = read(tmp_path / "f.records.jsonl")
    assert [record.index for record in records] == [0, 1, 3]
    assert set(records[0].scores["never"]) == {0.0}
    # Scores of the others are those of the method that does not fail.
    for record in records[1:]:
        assert record.scores["never"] == record.scores["gradient"]
    gradient = [record.attribution("gradient")[0] for record in records]
    on = model.targets["first_token"].methods
    assert on["gradient"].mean_attribution == pytest.approx(100 * sum(gradient) / 3, abs=0.01)
    assert on["never"].mean_attribution == pytest.approx(100 * sum(gradient[1:]) / 2, abs=0.01)
    again = measure({"f": archive}, data, settings, tmp_path)
    assert again.models["f"] == model


def test_a_fault_in_a_program_is_logged_with_where_it_came_from(
    archive: str, data: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings({}, {}, analyses={"faulty": "faulty"}, max_batch_tokens=1)
    model = measure({"f": archive}, data, settings, tmp_path).models["f"]
    assert model.instances == 2
    reason = "AttributeError: 'SourceText' object has no attribute 'film'"
    assert set(model.left_out) > {reason}  # type: ignore[arg-type]
    # The text that is too short for the filter is no fault.
    (logged,) = [record for record in caplog.records if record.exc_info]
    assert logged.getMessage() == "instance 0 is left out, by a fault in a program"
    assert logged.exc_info is not None
    assert isinstance(logged.exc_info[1], AttributeError)


@pytest.mark.parametrize("unreadable", [5, 6])
def test_a_run_with_workers_ends_where_more_than_a_few_inputs_cannot_be_read(
    archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unreadable: int
) -> None:
    monkeypatch.setattr(running, "mapped", in_this_process)
    file = tmp_path / "texts.jsonl"
    texts = [*["bad"] * unreadable, *["a dull plot"] * 20]
    lines = [json.dumps({"text": text, "label": "positive"}) for text in texts]
    file.write_text("\n".join(lines))
    settings = Settings(**{**vars(SETTINGS), "max_batch_tokens": 1})
    models = {"f": archive}
    whole = measure(models, str(file), settings, tmp_path / "alone")
    assert whole.models["f"].left_out is not None
    shared = tmp_path / "shared"
    if unreadable == 5:
        assert measure(models, str(file), settings, shared, workers=Workers(2)) == whole
        for path in shared.iterdir():
            assert path.read_bytes() == (tmp_path / "alone" / path.name).read_bytes()
        return
    with pytest.raises(InputError, match="6 of 26 inputs cannot be measured, which is more than"):
        measure(models, str(file), settings, shared, workers=Workers(2))
    # What was measured stays, and without workers the run goes on from there.
    assert measure(models, str(file), settings, shared) == whole


def test_where_no_input_can_be_measured_it_is_said_why(archive: str, tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps({"text": "bad", "label": "positive"}))
    with pytest.raises(ConfigurationError, match="no input can be measured: "):
        measure({"f": archive}, str(file), SETTINGS, tmp_path / "results")
    assert not list((tmp_path / "results").glob("*.jsonl*"))


def test_other_methods_explain_an_input_that_one_fails_on(archive: str) -> None:
    loaded = load(archive)
    predictor = ExplainingPredictor(
        loaded.model, loaded.validation_dataset_reader, methods=["gradient", "no_films"]
    )
    film, plot = predictor.explain([{"sentence": text} for text in TEXTS[:2]])
    assert (list(film.methods), list(plot.methods)) == (["gradient"], ["gradient", "no_films"])
    assert film.failed == {"no_films": "AssertionError: no films"}
    assert plot.methods["no_films"].scores == pytest.approx(plot.methods["gradient"].scores)
    assert film.to_json(1)["failed"] == film.failed
    assert "failed" not in plot.to_json(1)
    assert "failed: AssertionError: no films" in drawn(film).plain
    assert "failed: AssertionError: no films" in page([film], "")
    predictor.methods = {"no_films": NoFilms()}
    with pytest.raises(AssertionError, match="no films"):
        predictor.explain([{"sentence": TEXTS[0]}])


def test_a_model_without_finite_logits_is_refused(archive: str) -> None:
    loaded = load(archive)
    predictor = ExplainingPredictor(loaded.model, loaded.validation_dataset_reader)
    with torch.no_grad():
        loaded.model._classification_layer.bias.fill_(torch.nan)  # type: ignore[union-attr,operator]
    with pytest.raises(ConfigurationError, match="logits that are not finite"):
        predictor.explain([{"sentence": TEXTS[0]}])

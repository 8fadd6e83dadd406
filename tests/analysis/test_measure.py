from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch
from allennlp.models import load_archive
from torch import Tensor

from facade_allennlp.errors import InputError
from facade_allennlp.results.files import read_summary
from facade_allennlp.results.summary import OnTarget, TargetSummary
from fixtures import VALIDATION, by_hand, lstm_config, lstm_reader_config
from fixtures.archives import write_archive
from tests.analysis.conftest import DataFile
from tests.analysis.measuring import STOP_WORDS, records_of, run


def one_by_one(location: str) -> list[dict[str, Any]]:
    """What a records file should say of the validation texts, computed one text at a time."""
    archive = load_archive(f"{location}/model.tar.gz")
    model = archive.model.eval()
    names = model.vocab.get_index_to_token_vocabulary("labels")
    expected = []
    for instance in archive.dataset_reader.read(VALIDATION):
        instance.index_fields(model.vocab)
        inputs = dict(Batch([instance]).as_tensor_dict())
        tokens = [token.text for token in instance.fields["tokens"].tokens]
        probabilities = torch.softmax(model(**inputs)["logits"].detach()[0], dim=-1)
        raw = by_hand.gradient_times_input(model, inputs)[0]
        few = [i for i, token in enumerate(tokens) if token in STOP_WORDS["words"]]
        expected.append(
            {
                "gold": instance.fields["label"].label,
                "prediction": names[int(probabilities.argmax())],
                "probabilities": probabilities.tolist(),
                "tokens": tokens,
                "targets": {"first_token": [1], "few": few},
                "raw": raw.tolist(),
                "shares": (raw.abs() / raw.abs().sum()).tolist(),
            }
        )
    return expected


def percent(values: list[Any]) -> float:
    return round(100 * sum(values) / len(values), 2)


def test_records_equal_a_loop_over_instances(archives: dict[str, str], tmp_path: Path) -> None:
    run({"f": archives["f"]}, tmp_path)
    records = records_of(tmp_path, "f")
    expected = one_by_one(archives["f"])
    assert [record.index for record in records] == list(range(len(expected)))
    for record, by_itself in zip(records, expected, strict=True):
        for name in ("gold", "prediction", "tokens", "targets"):
            assert getattr(record, name) == by_itself[name]
        assert record.probabilities == pytest.approx(by_itself["probabilities"], abs=1e-5)
        assert record.scores["gradient"] == pytest.approx(by_itself["raw"], abs=1e-5)
        assert record.attribution("gradient") == pytest.approx(by_itself["shares"], abs=1e-4)


def test_summary_equals_a_loop_over_instances(archives: dict[str, str], tmp_path: Path) -> None:
    summary = run({"f": archives["f"], "g": archives["g"]}, tmp_path, reference="g")
    assert read_summary(tmp_path) == summary
    assert (summary.reference, summary.data) == ("g", VALIDATION)

    (f, g) = (one_by_one_unwrapped(archives[name]) for name in ("f", "g"))
    found = summary.models["f"]
    assert found.archive == archives["f"]
    assert found.instances == len(f)
    assert found.scores == {"accuracy": percent([x["prediction"] == x["gold"] for x in f])}
    assert found.agreement == percent([x["prediction"] == y["prediction"] for x, y in zip(f, g)])
    assert summary.models["g"].agreement is None
    for target in ("first_token", "few"):
        counted = [x for x in f if x["targets"][target]]
        shares = [sum(x["shares"][i] for i in x["targets"][target]) for x in counted]
        hits = [int(Tensor(x["shares"]).argmax()) in x["targets"][target] for x in counted]
        measured = found.targets[target]
        assert measured.without == len(f) - len(counted)
        assert measured.methods["gradient"].p_at_1 == percent(hits)
        assert measured.methods["gradient"].mean_attribution == pytest.approx(
            percent(shares), abs=0.02
        )


def one_by_one_unwrapped(location: str) -> list[dict[str, Any]]:
    """As `one_by_one`; for a wrapped model only what needs no look inside."""
    archive = load_archive(f"{location}/model.tar.gz")
    if not hasattr(archive.model, "model"):
        return one_by_one(location)
    names = archive.model.vocab.get_index_to_token_vocabulary("labels")
    predictions = []
    for instance in archive.dataset_reader.read(VALIDATION):
        outputs = archive.model.eval().forward_on_instance(instance)
        predictions.append({"prediction": names[int(outputs["logits"].argmax())]})
    return predictions


def test_records_do_not_depend_on_the_size_of_batches(
    archives: dict[str, str], tmp_path: Path
) -> None:
    methods = {"g": "gradient", "s": {"type": "smooth_gradient", "samples": 3}}
    for most in (1, 1000):
        run({"f": archives["f_ft"]}, tmp_path / str(most), methods=methods, max_batch_tokens=most)
    for alone, together in zip(
        *(records_of(tmp_path / most, "f") for most in ("1", "1000")), strict=True
    ):
        for method in methods:
            assert alone.scores[method] == pytest.approx(together.scores[method], abs=1e-5)


def test_words_and_pieces_belong_together(
    archives: dict[str, str], tmp_path: Path, data_file: DataFile
) -> None:
    run({"f": archives["f"]}, tmp_path / "out", data_file("Endless  Actors, SHE said"))
    (record,) = records_of(tmp_path / "out", "f")
    assert record.words == ["Endless", "Actors", ",", "SHE", "said"]
    assert record.tokens == ["[CLS]", "end", "##less", "actor", "##s", ",", "she", "[UNK]", "[SEP]"]
    assert record.word_ids == [None, 0, 0, 1, 1, 2, 3, 4, None]
    raw = record.scores["gradient"]
    total = sum(map(abs, raw))
    sizes = [abs(score) / total for score in raw]
    signed = [score / total for score in raw]
    for shares, made in (
        (sizes, record.word_attribution("gradient")),
        (signed, record.word_attribution("gradient", signed=True)),
    ):
        assert made == pytest.approx([shares[1] + shares[2], shares[3] + shares[4], *shares[5:8]])


def test_instances_without_target_are_counted_and_left_out(
    archives: dict[str, str], tmp_path: Path, data_file: DataFile
) -> None:
    data = data_file("", "the film was great", "lovely actors")
    summary = run({"f": archives["f"]}, tmp_path / "out", data)
    found = summary.models["f"]
    assert found.targets["first_token"].without == 1
    assert found.targets["few"].without == 2
    (only,) = [record for record in records_of(tmp_path / "out", "f") if record.targets["few"]]
    assert only.targets["few"] == [1, 3]
    shares = only.attribution("gradient")
    assert found.targets["few"].methods["gradient"].mean_attribution == pytest.approx(
        100 * (shares[1] + shares[3]), abs=0.01
    )


def test_no_instance_with_a_target_gives_no_number(
    archives: dict[str, str], tmp_path: Path, data_file: DataFile
) -> None:
    summary = run({"f": archives["f"]}, tmp_path / "out", data_file("lovely actors"))
    assert summary.models["f"].targets["few"] == TargetSummary(
        1, {"gradient": OnTarget(None, None, None, None)}
    )


def test_an_empty_text_is_measured(
    archives: dict[str, str], tmp_path: Path, data_file: DataFile
) -> None:
    run({"f": archives["f"]}, tmp_path / "out", data_file(""))
    (record,) = records_of(tmp_path / "out", "f")
    assert record.tokens == ["[CLS]", "[SEP]"]
    assert record.words == []
    assert record.targets == {"first_token": [], "few": []}


def test_an_empty_text_is_measured_by_an_lstm(tmp_path: Path, data_file: DataFile) -> None:
    lstm = write_archive(tmp_path / "lstm", lstm_config(), lstm_reader_config())
    data = data_file("the film was great", "")
    run({"lstm": lstm}, tmp_path / "out", data, targets={"first_token": "first_token"})
    records = records_of(tmp_path / "out", "lstm")
    assert [record.tokens for record in records] == [["the", "film", "was", "great"], []]
    assert records[0].targets == {"first_token": [0]}


def test_data_without_labels_have_no_accuracy(
    archives: dict[str, str], tmp_path: Path, data_file: DataFile
) -> None:
    data = data_file("a great film", "a bad film")
    found = run({"f": archives["f"]}, tmp_path / "out", data).models["f"]
    assert found.scores == {"accuracy": None}
    assert {record.gold for record in records_of(tmp_path / "out", "f")} == {None}


def test_accuracy_counts_the_labelled_instances_only(
    archives: dict[str, str], tmp_path: Path, data_file: DataFile
) -> None:
    run({"f": archives["f"]}, tmp_path / "first", data_file("a film", "a bad film"))
    right = records_of(tmp_path / "first", "f")[0].prediction
    data = data_file(("a film", right), "a bad film")
    found = run({"f": archives["f"]}, tmp_path / "second", data).models["f"]
    assert found.scores == {"accuracy": 100}


def test_a_limit_takes_instances_from_all_over_the_file(
    archives: dict[str, str], tmp_path: Path
) -> None:
    run({"f": archives["f"]}, tmp_path / "all")
    summary = run({"f": archives["f"]}, tmp_path / "some", limit=4)
    assert summary.models["f"].instances == 4
    every = records_of(tmp_path / "all", "f")
    some = records_of(tmp_path / "some", "f")
    assert [record.index for record in some] == [0, 1, 3, 4]
    assert [record.words for record in some] == [every[record.index].words for record in some]


def test_predictions_alone_can_be_measured(archives: dict[str, str], tmp_path: Path) -> None:
    summary = run({"f": archives["f"]}, tmp_path, methods={}, targets={})
    assert summary.models["f"].targets == {}
    records = records_of(tmp_path, "f")
    assert len(records) == 6
    assert {record.prediction for record in records} <= {"positive", "negative"}


def test_a_limit_above_the_number_of_instances_takes_all(
    archives: dict[str, str], tmp_path: Path
) -> None:
    assert run({"f": archives["f"]}, tmp_path, limit=99).models["f"].instances == 6


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"reference": "h"}, r"'h' is not one of \['f'\]"),
        ({"max_batch_tokens": 0}, "max_batch_tokens is 0"),
        ({"limit": 0}, "limit is 0"),
        ({"methods": {"gradeint": "gradeint"}}, "gradeint"),
        ({"targets": {}}, "needs a target to be measured on: one of .*stop_words"),
        ({"targets": {"first": "first"}}, "no token target 'first': did you mean 'first_token'"),
        ({"targets": {"x": {"type": "words", "words": ["zebra"]}}}, "zebra"),
    ],
)
def test_wrong_settings_are_named(
    archives: dict[str, str], tmp_path: Path, wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises((ConfigurationError, InputError), match=message):
        run({"f": archives["f"]}, tmp_path, **wrong)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no instance"),
        ("the film was great\n", "line 1: 'the film was great' is not valid JSON"),
        ('{"text": "a film"}\n{"txt": "a film"}\n', "cannot read line 2 .*'text'"),
        ('{"text": "a film"}\n{"text": null}\n', "cannot read line 2"),
        ('{"text": "a film", "label": "pos"}\n', "instance 0 does not fit.*'pos'"),
    ],
    ids=["empty", "no JSON", "no text", "a text that is none", "unknown label"],
)
def test_wrong_data_are_named(
    archives: dict[str, str], tmp_path: Path, content: str, message: str
) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text(content)
    with pytest.raises((ConfigurationError, InputError), match=message) as caught:
        run({"f": archives["f"]}, tmp_path / "out", str(data))
    assert str(data) in str(caught.value)


def test_time_is_noted_where_it_is_asked_for(archives: dict[str, str], tmp_path: Path) -> None:
    summary = run({"f": archives["f"]}, tmp_path / "timed", time=True)
    seconds = [r.seconds["gradient"] for r in records_of(tmp_path / "timed", "f") if r.seconds]
    assert len(seconds) == 6
    assert all(0 < of_input < 60 for of_input in seconds)
    expected = 1000 * sum(seconds) / 6
    assert summary.models["f"].seconds == {"gradient": pytest.approx(expected, abs=0.01)}
    assert run({"f": archives["f"]}, tmp_path / "not").models["f"].seconds is None

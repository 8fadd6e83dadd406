"""AllenNLP's own `predict` and `evaluate` read files as all other commands do."""

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands import predict
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.predictors import Predictor

from facade_allennlp.archives import load
from facade_allennlp.errors import InputError, is_users
from facade_allennlp.predictors.predicting import PredictManager, read_with_care

BATCH = 2


@pytest.fixture(scope="module")
def predictor(archives: dict[str, str]) -> Predictor:
    return Predictor.from_archive(load(archives["f"]), "text_classifier")


def answers(predictor: Predictor, file: Path | str, output: Path) -> list[dict[str, Any]]:
    manager = PredictManager(predictor, str(file), str(output), BATCH, False, False)
    manager.run()
    return [json.loads(line) for line in output.read_text().splitlines()]


def test_inputs_are_read_with_marks_blank_lines_and_any_character(
    predictor: Predictor, tmp_path: Path
) -> None:
    texts = ["a film", "the\u2028plot", "a lovely film"]
    file = tmp_path / "inputs.jsonl"
    lines = [json.dumps({"sentence": text}, ensure_ascii=False) for text in texts]
    file.write_bytes(b"\xef\xbb\xbf" + "\n\n".join(lines).encode() + b"\r\n\n")
    for answer, text in zip(answers(predictor, file, tmp_path / "out"), texts, strict=True):
        alone = predictor.predict_json({"sentence": text})
        assert answer["probs"] == pytest.approx(alone["probs"], abs=1e-6)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"sentence": "a", "stars": NaN}', "line 3: .* NaN is no number"),
        ('{"sentence": ', "line 3: .* is not valid JSON"),
        ("[1]", r"line 3: '\[1\]' is no JSON object"),
        ('{"text": "a"}', "line 3: an input needs 'sentence', but this one has 'text'"),
        ('{"sentence": null}', "line 3: 'sentence' is None, but has to be a text"),
        ('{"sentence": "\ufffd"}', "line 3: the tokenizer leaves nothing"),
        ('{"sentence": "sch\xf6n"}', "line 3 holds the byte 0xf6; convert it"),
        ('{"sentence": "' + 100 * "film " + '"}', "line 3: a text is 102 tokens long"),
    ],
)
def test_what_is_wrong_with_an_input_is_told_with_its_line(
    predictor: Predictor, tmp_path: Path, line: str, message: str
) -> None:
    file = tmp_path / "inputs.jsonl"
    good = '{"sentence": "a film"}'
    file.write_bytes(f"{good}\n\n{line}\n{good}\n".encode("latin-1" if "\xf6" in line else "utf-8"))
    with pytest.raises((ConfigurationError, InputError), match=message) as refused:
        answers(predictor, file, tmp_path / "out")
    assert str(file) in str(refused.value)
    assert is_users(refused.value)


def test_lines_from_the_terminal_are_numbered(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = io.TextIOWrapper(io.BytesIO(b'{"sentence": "a film"}\n\n{"sentence": "a"}\n{\n'))
    monkeypatch.setattr(sys, "stdin", given)
    with pytest.raises(InputError, match=r"standard input: line 4: '{' is not valid JSON"):
        answers(predictor, "-", tmp_path / "out")


def arguments(**given: str) -> argparse.Namespace:
    return argparse.Namespace(**{"input_file": "dev.jsonl", **given})


@pytest.fixture
def reader(predictor: Predictor) -> DatasetReader:
    return predictor._dataset_reader


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "a", "label": NaN}', "line 2: .*NaN is no number"),
        ('{"text": "a", "text": "b"}', "line 2: .*'text' stands in it twice"),
        ('{"sentence": "a"}', "cannot read line 2"),
    ],
)
def test_data_are_read_with_care_while_a_command_runs(
    reader: DatasetReader, tmp_path: Path, line: str, message: str
) -> None:
    file = tmp_path / "dev.jsonl"
    good = '{"text": "a\u2028film", "label": "positive"}'
    file.write_text(f"\ufeff{good}\n\n", encoding="utf-8")
    with read_with_care(arguments()):
        assert len(list(reader.read(str(file)))) == 1
        file.write_text(f"{good}\n{line}\n", encoding="utf-8")
        with pytest.raises((ConfigurationError, InputError), match=message):
            list(reader.read(str(file)))
    assert predict._PredictManager is not PredictManager


def test_a_label_that_the_vocabulary_lacks_is_no_fault(predictor: Predictor) -> None:
    instance = predictor._json_to_instance({"sentence": "a film"})
    instance.fields["label"] = predictor._dataset_reader.text_to_instance("a", "neutral")["label"]
    predictor._dataset_reader.apply_token_indexers(instance)
    with (
        pytest.raises(ConfigurationError, match=r"dev\.jsonl does not fit the archive"),
        read_with_care(arguments()),
    ):
        instance.index_fields(predictor._model.vocab)


@pytest.mark.parametrize(
    ("given", "message"),
    [({"predictor": "os.system"}, "no predictor 'os.system'"), ({"predictor_args": "{"}, "JSON")],
)
def test_arguments_of_predict_are_checked(given: dict[str, str], message: str) -> None:
    with (
        pytest.raises((ConfigurationError, InputError), match=message),
        read_with_care(arguments(**given)),
    ):
        pass

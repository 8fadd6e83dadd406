"""Data files as people have them."""

import json
from pathlib import Path

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader

from facade_allennlp.errors import InputError
from facade_allennlp.sources import corpus
from fixtures import lstm_reader_config

LINES = [json.dumps({"text": text}, ensure_ascii=False) for text in ("a\u2028b", "é")]


@pytest.fixture
def reader() -> DatasetReader:
    return DatasetReader.from_params(Params(lstm_reader_config()))


def texts(reader: DatasetReader, file: Path) -> list[str]:
    instances = corpus.read(reader, str(file)).values()
    return [" ".join(token.text for token in one["tokens"].tokens) for one in instances]


@pytest.mark.parametrize(
    "content", ["{}\n{}", "\ufeff{}\n{}\n", "\n{}\r\n\r\n{}\n\n", "\ufeff\n{}\n{}"]
)
def test_marks_and_blank_lines_are_passed_over(
    reader: DatasetReader, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "data.jsonl"
    file.write_bytes(content.replace("{}", "%s").encode() % tuple(line.encode() for line in LINES))
    assert texts(reader, file) == ["a b", "é"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ('{"txt": "a"}', r"KeyError\('text'\)"),
        ('{"text": null}', "AttributeError"),
        ("[]", "TypeError"),
        ("{", "not valid JSON.*property name"),
    ],
)
def test_the_line_that_is_wrong_is_counted_in_the_file_itself(
    reader: DatasetReader, tmp_path: Path, wrong: str, why: str
) -> None:
    file = tmp_path / "data.jsonl"
    file.write_text("\n".join(["\ufeff", *LINES, "", wrong, ""]), encoding="utf-8")
    with pytest.raises((ConfigurationError, InputError), match=rf"data\.jsonl: .*line 5.*{why}"):
        corpus.read(reader, str(file))


def test_another_encoding_is_refused(reader: DatasetReader, tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    file.write_text("\n".join(['{"text": "a"}', '{"text": "é"}']), encoding="latin-1")
    with pytest.raises(InputError, match=r"data\.jsonl .*line 2 holds the byte 0xe9; convert it"):
        corpus.read(reader, str(file))


def test_texts_of_which_nothing_is_left_are_no_data(reader: DatasetReader, tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    file.write_text('{"text": ""}\n{"text": "  "}\n')
    with pytest.raises(ConfigurationError, match=r"data\.jsonl: .* leaves nothing of any text"):
        corpus.read(reader, str(file))


def test_lines_tell_how_many_instances_are_to_be_expected(tmp_path: Path) -> None:
    for name, expected in (("data.jsonl", 2), ("data.json", None)):
        (tmp_path / name).write_text("\n".join(["", *LINES, ""]))
        assert corpus.lines(str(tmp_path / name)) == expected

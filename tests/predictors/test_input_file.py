from pathlib import Path

import pytest

from facade_allennlp.errors import InputError
from facade_allennlp.predictors.input_file import read_inputs


def test_a_text_file_has_an_input_on_each_line(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text('a "film"\n{"not": "read"}\n', encoding="utf-8")
    assert read_inputs(file, "premise") == [{"premise": 'a "film"'}, {"premise": '{"not": "read"}'}]


def test_json_lines_are_read_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "inputs.jsonl"
    file.write_text('{"a": "é", "label": 1}\n{"b": []}\n', encoding="utf-8")
    assert read_inputs(file, "sentence") == [{"a": "é", "label": 1}, {"b": []}]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "a film\n \n", "a.txt: line 2 is empty"),
        ("a.jsonl", "{}\n\n", "a.jsonl: line 2: '' is not valid JSON"),
        ("a.jsonl", "[]\n", r"a.jsonl: line 1: '\[\]' is no JSON object"),
        ("a.jsonl", "", "a.jsonl: there are no inputs"),
    ],
)
def test_what_is_no_input_is_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=message):
        read_inputs(tmp_path / name, "sentence")

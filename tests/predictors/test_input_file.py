from pathlib import Path

import pytest

from facade_allennlp.errors import InputError
from facade_allennlp.predictors.input_file import read_inputs


def test_a_text_file_has_an_input_on_each_line(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text('a "film"\n\n{"not": "read"}\n', encoding="utf-8")
    assert read_inputs(file, "premise") == {
        1: {"premise": 'a "film"'},
        3: {"premise": '{"not": "read"}'},
    }


def test_json_lines_are_read_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "inputs.jsonl"
    file.write_text('{"a": "é", "label": 1}\n{"b": []}\n', encoding="utf-8")
    assert read_inputs(file, "sentence") == {1: {"a": "é", "label": 1}, 2: {"b": []}}


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_a_file_without_inputs_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("\n \n")
    with pytest.raises(InputError, match=f"{name}: there are no inputs"):
        read_inputs(tmp_path / name, "sentence")

"""Lines of files that people give."""

import json
from pathlib import Path
from typing import Any

import pytest

from facade_allennlp.errors import InputError
from facade_allennlp.lines import json_lines, json_object, text_lines

TEXT = "Ein schöner Film"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a\nb", {1: "a", 2: "b"}),
        (b"a\r\n\r\nb\r\n", {1: "a", 3: "b"}),
        (b"\xef\xbb\xbfa\n", {1: "a"}),
        ("a\u2028b\x85c\x0bd\x0ce\x1cf\rg\n".encode(), {1: "a\u2028b\x85c\x0bd\x0ce\x1cf\rg"}),
        (b"\n \n\t\n", {}),
    ],
)
def test_only_a_line_feed_ends_a_line(
    tmp_path: Path, content: bytes, expected: dict[int, str]
) -> None:
    file = tmp_path / "texts.txt"
    file.write_bytes(content)
    assert dict(text_lines(file)) == expected


@pytest.mark.parametrize("text", ["a\u2028b", "\u2029", "\x85", "a\ufeffb", "\U0001f600"])
def test_json_lines_hold_whatever_json_can(tmp_path: Path, text: str) -> None:
    file = tmp_path / "inputs.jsonl"
    entry = {"sentence": text, "more": [1, 2.5, None, True, {"x": ""}]}
    for escaped in (True, False):
        line = json.dumps(entry, ensure_ascii=escaped).encode()
        file.write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\n" + line + b"\n\n")
        assert list(json_lines(file)) == [(1, entry), (3, entry)]


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("latin-1", "line 2 holds the byte 0xf6; convert it, as in `iconv -f LATIN1 -t UTF-8"),
        ("utf-16", "is in UTF-16; convert it, as in `iconv -f UTF-16 -t UTF-8 texts.txt > "),
        ("utf-16-le", "line 1 holds a zero byte; convert it, as in `iconv -f UTF-16"),
        ("utf-32", "is in UTF-32"),
    ],
)
def test_other_encodings_are_refused_with_a_way_to_convert_them(
    tmp_path: Path, encoding: str, message: str
) -> None:
    file = tmp_path / "texts.txt"
    file.write_text(f"a film\n{TEXT}\n", encoding=encoding)
    with pytest.raises(InputError) as refused:
        list(text_lines(file))
    assert message in str(refused.value)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "'{' is not valid JSON"),
        ("[]", r"'[]' is no JSON object"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": [-Infinity]}', "-Infinity is no number"),
        ('{"a": 1e999}', "'1e999' is too large a number"),
        ('{"a": ' + 5000 * "1" + "}", "has too many digits"),
        (100_000 * "[", "nested too deeply"),
        ('{"a": 1, "b": {"a": 2, "c": 3, "a": 4}}', "'a' stands in it twice"),
        ('{"a": "\\ud800"}', "one half of a character"),
        ('{"a": "\x01"}', "control character"),
        ('{"a": 1} {"a": 2}', "Extra data"),
    ],
)
def test_what_is_no_json_is_named_by_file_and_line(tmp_path: Path, line: str, message: str) -> None:
    file = tmp_path / "inputs.jsonl"
    file.write_text('{"sentence": "a film"}\n\n' + line + "\n", encoding="utf-8")
    read: list[Any] = []
    with pytest.raises(InputError) as refused:
        read.extend(json_lines(file))
    said = str(refused.value)
    assert said.startswith(f"{file}: line 3: ")
    assert message in said
    assert len(said) < len(str(file)) + 250
    with pytest.raises(InputError):
        json_object(line)


def test_a_file_is_read_part_by_part_as_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "texts.txt"
    lines = ["\ufeffa", "\ufeffb", "", "é" * 9, "\u2028", "c\r"]
    file.write_text("\n".join(lines), encoding="utf-8", newline="")
    at_once = list(text_lines(file))
    for size in range(1, 20):
        monkeypatch.setattr("facade_allennlp.lines.PART", size)
        assert list(text_lines(file)) == at_once
    assert at_once[0] == (1, "a")
    file.write_bytes(b"a\n\nb\xff\n")
    with pytest.raises(InputError, match="line 3 holds the byte 0xff"):
        list(text_lines(file))

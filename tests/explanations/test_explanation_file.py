import json
from pathlib import Path
from typing import Any

import pytest

from facade_allennlp.errors import InputError
from facade_allennlp.explanations import Explanation, MethodScores
from facade_allennlp.explanations.explanation_file import explanation_file
from facade_allennlp.texts.source_text import SourceText

INPUTS = [{"sentence": "un été", "label": "good"}, {"sentence": "<b>"}]
EXPLANATIONS = [
    Explanation(
        SourceText(["un", "été"], [0, 1], ["un", "été"], {"sentence": 0}),
        "good",
        0.75,
        {"gradient": MethodScores([1.0, -3.0], [0.25, 0.75], signed=True)},
    ),
    Explanation(
        SourceText(["<b>"], [0], ["<b>"], {"sentence": 0}),
        "bad",
        None,
        {"gradient": MethodScores([0.0], [0.0], signed=True)},
    ),
]


MADE_BY = {"archive": "runs/f"}


def _written(file: Path, first: int = 0, made_by: dict[str, Any] = MADE_BY) -> None:
    with explanation_file(file, made_by) as lines:
        for number in range(first, 2):
            lines.add(number, INPUTS[number:][:1], EXPLANATIONS[number:][:1], top=1)


def test_each_line_is_an_input_with_its_explanation(tmp_path: Path) -> None:
    file = tmp_path / "new" / "explained.jsonl"
    _written(file)
    text = file.read_text(encoding="utf-8")
    assert "été" in text
    first, second = map(json.loads, text.splitlines())
    explanation = first.pop("explanation")
    assert first == INPUTS[0]
    assert (explanation["class"], explanation["probability"]) == ("good", 0.75)
    assert explanation["methods"]["gradient"]["top"] == [
        {"token": "été", "position": 1, "attribution": 0.75}
    ]
    assert second["sentence"] == "<b>"
    assert second["explanation"]["methods"]["gradient"]["top"] == []
    assert [one.name for one in file.parent.iterdir()] == ["explained.jsonl"]


def _stopped(file: Path, *numbers: int) -> None:
    with explanation_file(file, MADE_BY) as lines:
        for number in numbers:
            lines.add(number, [INPUTS[number]], [EXPLANATIONS[number]], top=1)
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    "torn", [b"", b'{"number": 0, "li', b'{"number": 0, "line": 1}\n', b"\xff\n"]
)
def test_a_stopped_run_goes_on_with_what_is_whole(tmp_path: Path, torn: bytes) -> None:
    _written(tmp_path / "whole.jsonl")
    file = tmp_path / "explained.jsonl"
    with pytest.raises(KeyboardInterrupt):
        _stopped(file, 1)
    assert not file.exists()
    with open(f"{file}.partial", "ab") as partial:
        partial.write(torn)
    with explanation_file(file, MADE_BY) as lines:
        assert (0 in lines, 1 in lines) == (False, True)
        lines.add(0, INPUTS, EXPLANATIONS, top=1)
    assert file.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_what_was_made_by_something_else_is_refused_or_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "explained.jsonl"
    with pytest.raises(KeyboardInterrupt):
        _stopped(file, 0, 1)
    with pytest.raises(InputError, match=r"explained.jsonl.partial is of another archive"):
        _written(file, made_by={"archive": "runs/f_ft"})
    with explanation_file(file, {}, anew=True) as lines:
        assert 0 not in lines


def test_two_commands_do_not_write_the_same_file(tmp_path: Path) -> None:
    file = tmp_path / "explained.jsonl"
    with explanation_file(file, MADE_BY), pytest.raises(InputError, match="another command"):
        _written(file)


def test_what_fails_before_the_first_part_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no texts"), explanation_file(tmp_path / "a", MADE_BY):
        raise ValueError("no texts")
    assert not list(tmp_path.iterdir())

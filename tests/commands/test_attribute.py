import json
from pathlib import Path
from typing import Any

import pytest

from facade_allennlp.predictors import many_inputs
from tests.commands.conftest import Command

TEXTS = "a lovely film\nthe plot was dull\n"


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.txt"
    path.write_text(TEXTS)
    return path


def test_json_lines_hold_an_explanation_for_each_input(
    archives: dict[str, str], texts: Path, tmp_path: Path, command: Command
) -> None:
    output = tmp_path / "new" / "out.jsonl"
    result = command(
        "attribute", archives["f_ft"], texts, "--methods", "gradient", 'p={"type": "lrp"}',
        "--class", "negative", "--top", 1, "--output", output,
    )  # fmt: skip
    assert result.status == 0, result.err
    entries = [json.loads(line) for line in output.read_text().splitlines()]
    assert [entry["sentence"] for entry in entries] == TEXTS.splitlines()
    for entry in entries:
        assert entry["explanation"]["class"] == "negative"
        assert list(entry["explanation"]["methods"]) == ["gradient", "p"]
        assert len(entry["explanation"]["methods"]["p"]["top"]) == 1
    assert [path.name for path in output.parent.iterdir()] == ["out.jsonl"]


def test_a_page_and_the_terminal(
    archives: dict[str, str], texts: Path, tmp_path: Path, command: Command
) -> None:
    output = tmp_path / "out.html"
    assert command("attribute", archives["f"], texts, "--output", output).status == 0
    assert ">lovely</span>" in output.read_text()
    shown = command("attribute", archives["f"], texts)
    assert "lovely" in shown.out
    assert "Green speaks for" in shown.out


def test_a_stopped_run_goes_on(
    archives: dict[str, str],
    texts: Path,
    tmp_path: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts: list[int] = []
    explained_part = many_inputs.explained_part

    def stopped_at_the_second(predictor: Any, part: many_inputs.Part, trees: bool) -> Any:
        parts.append(part.first)
        if parts == [0, 1]:
            raise KeyboardInterrupt
        return explained_part(predictor, part, trees)

    monkeypatch.setattr(many_inputs, "AT_ONCE", 1)
    whole, output = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    assert command("attribute", archives["f"], texts, "--output", whole).status == 0
    monkeypatch.setattr(many_inputs, "explained_part", stopped_at_the_second)
    stopped = command("attribute", archives["f"], texts, "--output", output)
    assert (stopped.status, output.exists()) == (130, False)
    assert "goes on where it stopped" in stopped.err
    other = command("attribute", archives["f"], texts, "--top", 1, "--output", output)
    assert "is of another archive, other inputs or options" in other.error()
    assert command("attribute", archives["f"], texts, "--output", output).status == 0
    assert parts == [0, 1, 1]
    assert output.read_bytes() == whole.read_bytes()
    assert not Path(f"{output}.partial").exists()


def test_attribution_trees(
    archives: dict[str, str], texts: Path, tmp_path: Path, command: Command
) -> None:
    trees = tmp_path / "trees"
    result = command("attribute", archives["f"], texts, "--trees", trees)
    assert result.status == 0, result.err
    assert sorted(p.name for p in trees.iterdir()) == ["1.json", "1.svg", "2.json", "2.svg"]
    top = json.loads((trees / "1.json").read_text())
    assert top["token"] in ["a", "lovely", "film", "[SEP]"]
    assert (trees / "1.svg").read_text().startswith("<?xml")
    assert "use --force" in command("attribute", archives["f"], texts, "--trees", trees).error()


def test_json_lines_are_read(archives: dict[str, str], tmp_path: Path, command: Command) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text(json.dumps({"sentence": "a lovely film", "label": "negative"}) + "\n")
    result = command("attribute", archives["f"], data, "--class", "gold")
    assert result.out.startswith("negative")


@pytest.mark.parametrize(
    ("name", "content", "more", "message"),
    [
        ("a.txt", "a film\n\n\ufffd\x01\n", [], "a.txt: line 3: the tokenizer leaves nothing of"),
        ("a.jsonl", '\n{"text": "a"}\n', [], "a.jsonl: line 2: an input needs 'sentence'"),
        ("a.txt", "", [], "there are no inputs"),
        ("a.jsonl", "{\n", [], "line 1: '{' is not valid JSON"),
        ("a.jsonl", "[]\n", [], "line 1: '[]' is no JSON object"),
        ("a.txt", "a film\n", ["--class", "gold"], "there is no label"),
        ("a.txt", "a film\n", ["--class", "good"], "no class 'good'"),
        ("a.txt", "a film\n", ["--methods", "nope"], "nope"),
        ("a.txt", "a film\n", ["--output", "out.csv"], "ends in .jsonl or .html"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    archives: dict[str, str],
    tmp_path: Path,
    command: Command,
    name: str,
    content: str,
    more: list[str],
    message: str,
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert message in command("attribute", archives["f"], tmp_path / name, *more).error()


def test_an_output_that_is_there_is_kept_unless_forced(
    archives: dict[str, str], texts: Path, tmp_path: Path, command: Command
) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("mine")
    assert "use --force" in command("attribute", archives["f"], texts, "--output", output).error()
    assert output.read_text() == "mine"
    assert command("attribute", archives["f"], texts, "--output", output, "--force").status == 0
    assert output.read_text() != "mine"

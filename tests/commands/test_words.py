import json
from pathlib import Path
from typing import Any

import pytest

from facade_allennlp.studies.word_means import word_means
from tests.analysis.measuring import records_of, run
from tests.commands.conftest import Command

METHODS = {
    "gradient": "gradient",
    "attn_lrp": "attn_lrp",
    "gradient_sensitivity": "gradient_sensitivity",
}


@pytest.fixture
def results(archives: dict[str, str], tmp_path: Path) -> Path:
    run({"f": archives["f"], "f_ft": archives["f_ft"]}, tmp_path / "both", methods=METHODS)
    return tmp_path / "both"


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def test_words_of_two_models(results: Path, tmp_path: Path, command: Command) -> None:
    output = tmp_path / "words.json"
    result = command("words", results, "--towards", "positive", "--output", output)
    assert result.status == 0, result.err
    assert "words as by f" in " ".join(result.out.split())
    found = read(output)
    assert list(found) == ["f", "f_ft"]
    for method, side in (("gradient", -1), ("attn_lrp", 1), ("gradient_sensitivity", None)):
        expected = word_means(records_of(results, "f"), method, side, "positive")
        assert found["f"][method]["means"] == pytest.approx(expected, abs=1e-4)
        assert found["f"][method]["lexicon"]["words"] > 2
        assert "reference" not in found["f"][method]
        assert found["f_ft"][method]["reference"]["words"] == len(expected)
    assert "use --force" in command("words", results, "--output", output).error()


def test_words_of_two_measurements(
    archives: dict[str, str], results: Path, tmp_path: Path, command: Command
) -> None:
    run({"f": archives["f"]}, tmp_path / "other", limit=3)
    output = tmp_path / "words.md"
    arguments = ["words", f"a={results}", f"b={tmp_path / 'other'}", "--models", "f"]
    result = command(*arguments, "--output", output)
    assert result.status == 0, result.err
    lines = output.read_text().splitlines()
    assert lines[0] == "| lexicon: valence / strength / × mean token (words) | a: f | b: f |"
    assert "| words as by a: f: correlation (words) | b: f |" in lines
    assert "| Gradient sensitivity |  |" in lines


def test_what_cannot_be_compared_is_named(results: Path, tmp_path: Path, command: Command) -> None:
    assert "give each a name of its own" in command("words", results, results).error()
    error = command("words", results, "--models", "f", "h").error()
    assert "there is no model 'h' in" in error
    assert "but f, f_ft" in error
    assert "predicted as 'fine'" in command("words", results, "--towards", "fine").error()
    assert "ends in .json or .md" in command("words", results, "--output", "words.txt").error()
    assert "has no summary.json" in command("words", tmp_path).error()

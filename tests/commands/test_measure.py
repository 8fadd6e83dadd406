import json
from pathlib import Path

import pytest

from facade_allennlp.analysis import measure as measure_module
from facade_allennlp.report.tables import markdown, notes, rows, tables
from fixtures import VALIDATION
from tests.commands.conftest import Command


def measure(command: Command, archives: dict[str, str], output: Path, *more: object) -> object:
    return command(
        "measure", archives["f"], archives["f_ft"], "--data", VALIDATION, "--output", output,
        "--target", "first_token", "--methods", "gradient", *more,
    )  # fmt: skip


def test_measures_and_prints_the_table(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    result = measure(command, archives, tmp_path)
    assert result.status == 0, result.err
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert list(summary["models"]) == ["f", "f_ft"]
    for row in rows(summary):
        assert all(cell in result.out for cell in row)
    assert "6 inputs of" in result.out


def test_stop_words_are_measured(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    result = command(
        "measure", archives["f"], "--data", VALIDATION, "--output", tmp_path,
        "--target", "stop_words", 'the={"type": "words", "words": ["the"]}', "--limit", 4,
    )  # fmt: skip
    assert result.status == 0, result.err
    (model,) = json.loads((tmp_path / "summary.json").read_text())["models"].values()
    assert set(model["targets"]) == {"stop_words", "the"}
    methods = set(model["targets"]["the"]["methods"])
    assert methods == {"gradient", "smooth_gradient", "integrated_gradients"}


def test_the_table_of_a_measurement_as_markdown_and_for_the_terminal(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    measure(command, archives, tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text())
    table = command("table", tmp_path, "--format", "markdown")
    parts = [*map(markdown, tables(summary)), notes(summary)]
    assert parts[0] == markdown(rows(summary))
    assert table.out == "\n\n".join(parts) + "\n"
    assert "Gradient" in command("table", tmp_path).out


def test_faithfulness_is_measured(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    arguments = ["measure", archives["f"], "--data", VALIDATION, "--target", "first_token"]
    result = command(*arguments, "--output", tmp_path / "a", "--faithfulness", "--limit", 2)
    assert "sufficiency" in result.out
    result = command(*arguments, "--output", tmp_path / "b", "--faithfulness", '{"shares": [0.4]}')
    assert result.status == 0, result.err
    (model,) = json.loads((tmp_path / "b" / "summary.json").read_text())["models"].values()
    assert [point["share"] for point in model["faithfulness"]["methods"]["random"]["curve"]] == [40]
    for wrong, message in (("[1]", "no JSON object"), ('{"share": 1}', "share"), ("{", "JSON")):
        result = command(*arguments, "--output", tmp_path / "c", "--faithfulness", wrong)
        assert result.status != 0
        assert message in result.err
        assert len(result.err.strip().splitlines()) == 1


def test_attacks_alone(archives: dict[str, str], tmp_path: Path, command: Command) -> None:
    result = command(
        "measure", archives["f"], "--data", VALIDATION, "--output", tmp_path, "--limit", 2,
        "--target", "first_token", "--methods", "--attacks", "input_reduction",
        'flip={"type": "hotflip", "max_flips": 1}',
    )  # fmt: skip
    assert result.status == 0, result.err
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert set(summary["models"]["f"]["attacks"]) == {"input_reduction", "flip"}
    assert "Stop %" in result.out
    assert "after so many flips" in result.out
    shown = [*map(markdown, tables(summary)), notes(summary)]
    table = command("table", tmp_path, "--format", "markdown")
    assert table.out == "\n\n".join(shown) + "\n"
    assert "All-stop %" in command("table", tmp_path).out


def test_the_table_of_no_measurement_is_one_sentence(tmp_path: Path, command: Command) -> None:
    assert "has no summary.json" in command("table", tmp_path).error()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "/none.jsonl"], "/none.jsonl"),
        (["--target", "first"], "first not in acceptable choices"),
        (["--target", 'x={"type": "words", "word": ["a"]}'], "words"),
        (["--methods", "gradient", "gradient"], "given twice"),
        (["--reference", "g"], "'g' is not one of"),
        (["--limit", "0"], "limit is 0"),
        (["--attacks", "flip"], "flip not in acceptable choices"),
    ],
)
def test_mistakes_are_one_sentence(
    archives: dict[str, str], tmp_path: Path, command: Command, arguments: list[str], message: str
) -> None:
    # argparse takes the last value of an option.
    assert message in measure(command, archives, tmp_path / "out", *arguments).error()


def test_an_interrupted_measurement_says_how_to_go_on(
    archives: dict[str, str], tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(measure_module, "measure_batch", interrupt)
    result = measure(command, archives, tmp_path)
    assert result.status == 130
    assert "the same command goes on" in result.err
    assert "Traceback" not in result.err

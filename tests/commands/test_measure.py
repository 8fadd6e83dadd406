from pathlib import Path

import pytest

from facade_allennlp.analysis import Measurement
from facade_allennlp.report.tables import model_table
from facade_allennlp.results.files import read_summary
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
    summary = read_summary(tmp_path)
    assert list(summary.models) == ["f", "f_ft"]
    cells = [cell for row in model_table(summary).texts() for cell in row if cell]
    assert len(cells) == 11, "only the reference agrees with nothing"
    for cell in cells:
        assert cell in result.out
    assert "6 inputs of" in result.out


def test_stop_words_are_measured(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    result = command(
        "measure", archives["f"], "--data", VALIDATION, "--output", tmp_path,
        "--target", "stop_words", 'the={"type": "words", "words": ["the"]}', "--limit", 4,
    )  # fmt: skip
    assert result.status == 0, result.err
    (model,) = read_summary(tmp_path).models.values()
    assert set(model.targets) == {"stop_words", "the"}
    assert model.methods == ["gradient", "smooth_gradient", "integrated_gradients"]


def test_the_table_of_a_measurement_as_markdown_and_for_the_terminal(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    measure(command, archives, tmp_path)
    of_f, of_f_ft = (read_summary(tmp_path).models[name] for name in ("f", "f_ft"))
    gradient = [of.targets["first_token"].methods["gradient"] for of in (of_f, of_f_ft)]
    shares = [f"{of.p_at_1:.1f} / {of.mean_attribution:.1f}" for of in gradient]
    lines = command("table", tmp_path, "--format", "markdown").out.splitlines()
    assert lines[:4] == [
        "| model | accuracy | same as f | Gradient |",
        "| --- | ---: | ---: | ---: |",
        f"| f | {of_f.scores['accuracy']:.1f} |  | {shares[0]} |",
        f"| f_ft | {of_f_ft.scores['accuracy']:.1f} | {of_f_ft.agreement:.1f} | {shares[1]} |",
    ]
    assert lines[5] == "| explanations as f's | Gradient |"
    assert lines[-1].startswith("6 inputs of")
    assert "Gradient" in command("table", tmp_path).out


def test_faithfulness_is_measured(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    arguments = ["measure", archives["f"], "--data", VALIDATION, "--target", "first_token"]
    result = command(*arguments, "--output", tmp_path / "a", "--faithfulness", "--limit", 2)
    assert "sufficiency" in result.out
    result = command(*arguments, "--output", tmp_path / "b", "--faithfulness", '{"shares": [0.4]}')
    assert result.status == 0, result.err
    (model,) = read_summary(tmp_path / "b").models.values()
    assert model.faithfulness is not None
    assert [point.share for point in model.faithfulness.methods["random"].curve] == [40]
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
    assert set(read_summary(tmp_path).models["f"].attacks) == {"input_reduction", "flip"}
    assert "Stop %" in result.out
    assert "after so many flips" in result.out
    lines = command("table", tmp_path, "--format", "markdown").out.splitlines()
    heads = [line.split(" | ")[0] for line in lines if line.startswith("| ") and "---" not in line]
    for head in ("| model", "| input_reduction", "| flip", "| flip: % after so many flips"):
        assert head in heads
    assert "All-stop %" in command("table", tmp_path).out


def test_the_table_of_no_measurement_is_one_sentence(tmp_path: Path, command: Command) -> None:
    assert "has no summary.json" in command("table", tmp_path).error()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "/none.jsonl"], "/none.jsonl"),
        (["--target", "first"], "no token target 'first'"),
        (["--target", 'x={"type": "words", "word": ["a"]}'], "words"),
        (["--methods", "gradient", "gradient"], "given twice"),
        (["--reference", "g"], "'g' is not one of"),
        (["--limit", "0"], "limit is 0"),
        (["--attacks", "flip"], "no attack 'flip'"),
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

    monkeypatch.setattr(Measurement, "measure", interrupt)
    result = measure(command, archives, tmp_path)
    assert result.status == 130
    assert "the same command goes on" in result.err
    assert "Traceback" not in result.err


def test_a_folder_has_one_format(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    given = ["measure", archives["f"], "--data", VALIDATION, "--target", "first_token"]
    given += ["--output", str(tmp_path / "results")]
    for options in (["--format", "parquet"], ["--format", "parquet"], ["--force"]):
        assert command(*given, *options).status == 0
    there = sorted(path.name for path in (tmp_path / "results").iterdir())
    assert there == ["f.records.jsonl", "summary.json"]
    refused = command(*given, "--format", "parquet").error()
    assert "there are records in" in refused
    assert "--force" in refused

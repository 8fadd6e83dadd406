import json
from pathlib import Path

from fixtures import TRAIN, VALIDATION, lstm_config, lstm_reader_config
from fixtures.archives import write_archive
from tests.commands.conftest import Command


def test_accuracy_under_triggers(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    arguments = [
        *("triggers", archives["f"], "--data", VALIDATION, "--mining-data", TRAIN),
        *("--candidates", 2, "--top", 1, "--steps", 2, "--output", tmp_path / "out"),
    ]
    result = command(*arguments)
    assert result.status == 0, result.err
    found = json.loads((tmp_path / "out" / "triggers.json").read_text())
    command("measure", archives["f"], "--data", VALIDATION, "--methods", "--output", tmp_path / "m")
    (model,) = json.loads((tmp_path / "m" / "summary.json").read_text())["models"].values()
    assert found["before"]["all"] == model["scores"]["accuracy"]
    assert found["triggers"]
    table = (tmp_path / "out" / "triggers.md").read_text().splitlines()
    assert table[0] == "| trigger | towards | attribution | positive | negative | all |"
    assert len(table) == 2 + 1 + len(found["triggers"])
    assert "use --force" in command(*arguments).error()


def test_what_triggers_cannot_be_mined_of_is_named(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    lstm = write_archive(tmp_path / "lstm", lstm_config(), reader=lstm_reader_config())
    unlabelled = tmp_path / "data.jsonl"
    unlabelled.write_text('{"text": "a film"}\n')
    more = ["--data", VALIDATION, "--output", tmp_path / "out"]
    result = command("triggers", lstm, "--mining-data", TRAIN, *more)
    assert "attention_attribution looks inside an encoder" in result.error()
    result = command("triggers", archives["f"], "--mining-data", unlabelled, *more)
    assert "labels are needed" in result.error()
    result = command("triggers", archives["f"], "--mining-data", TRAIN, *more, "--steps", 0)
    assert "but must be a whole number >= 1" in result.error()
    result = command("triggers", archives["f"], "--mining-data", TRAIN, *more, "--top", 0)
    assert "must be >= 1" in result.error()
    assert not (tmp_path / "out").exists()

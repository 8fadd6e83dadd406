import json
from pathlib import Path

from fixtures import TRAIN, VALIDATION, lstm_config, lstm_reader_config
from fixtures.archives import write_archive
from tests.commands.conftest import Command


def test_accuracy_without_heads(archives: dict[str, str], tmp_path: Path, command: Command) -> None:
    arguments = [
        *("prune", archives["f"], "--data", VALIDATION, "--importance-data", TRAIN),
        *("--importance-limit", 3, "--seeds", 1, 2, "--output", tmp_path / "out"),
    ]
    result = command(*arguments)
    assert result.status == 0, result.err
    found = json.loads((tmp_path / "out" / "pruning.json").read_text())
    assert list(found["curves"]) == ["attribution", "taylor", "random 1", "random 2"]
    for curve in found["curves"].values():
        assert [point["share"] for point in curve] == list(range(0, 101, 10))
        assert [curve[0]["heads"], curve[5]["heads"], curve[-1]["heads"]] == [0, 4, 8]
    ends = [[curve[0]["accuracy"], curve[-1]["accuracy"]] for curve in found["curves"].values()]
    assert all(pair == ends[0] for pair in ends)
    command("measure", archives["f"], "--data", VALIDATION, "--methods", "--output", tmp_path / "m")
    (model,) = json.loads((tmp_path / "m" / "summary.json").read_text())["models"].values()
    assert ends[0][0] == model["scores"]["accuracy"]
    table = (tmp_path / "out" / "pruning.md").read_text().splitlines()
    assert table[0] == "| heads pruned, % | attribution | taylor | random 1 | random 2 |"
    assert len(table) == 2 + 11
    assert (tmp_path / "out" / "pruning.svg").exists()
    assert "use --force" in command(*arguments).error()


def test_what_cannot_be_pruned_is_named(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    lstm = write_archive(tmp_path / "lstm", lstm_config(), reader=lstm_reader_config())
    unlabelled = tmp_path / "data.jsonl"
    unlabelled.write_text('{"text": "a film"}\n')
    more = ["--importance-data", TRAIN, "--output", tmp_path / "out"]
    result = command("prune", lstm, "--data", VALIDATION, *more)
    assert "head pruning looks inside an encoder" in result.error()
    result = command("prune", archives["f"], "--data", unlabelled, *more)
    assert "inputs with labels" in result.error()
    result = command("prune", archives["f"], "--data", VALIDATION, *more, "--limit", 0)
    assert "a limit is 0" in result.error()
    assert not (tmp_path / "out").exists()

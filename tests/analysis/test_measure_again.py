"""What is measured stays, and a run that was stopped goes on."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from facade_allennlp.analysis import Measurement
from facade_allennlp.errors import InputError
from facade_allennlp.results.files import locked
from facade_allennlp.results.record import Record
from tests.analysis.conftest import DataFile
from tests.analysis.measuring import run


class Stopped:
    """Stands in for `Measurement.measure`; interrupts once so many batches are done; counts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, after: int = 10**6) -> None:
        self.measured: list[int] = []
        self.after = after
        real = Measurement.measure

        def measure(
            measurement: Measurement, explained: Any, batch: Any, indices: list[int]
        ) -> list[Record]:
            if self.after == 0:
                raise KeyboardInterrupt
            self.after -= 1
            self.measured += indices
            return real(measurement, explained, batch, indices)

        monkeypatch.setattr(Measurement, "measure", measure)


@pytest.mark.parametrize(
    "broken",
    [b"", b'{"index": 4, "label": "posi', '{"index": 4, "words": ["caf\u00e9'.encode()[:-1]],
    ids=["whole lines", "half a line", "half a character"],
)
def test_a_stopped_run_goes_on_where_it_was(
    archives: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bytes
) -> None:
    models = {"f": archives["f"]}
    with monkeypatch.context() as patched:
        whole = Stopped(patched)
        run(models, tmp_path / "whole")
    with monkeypatch.context() as patched:
        first = Stopped(patched, after=2)
        with pytest.raises(KeyboardInterrupt):
            run(models, tmp_path / "stopped")
    partial = tmp_path / "stopped" / "f.records.jsonl.partial"
    with open(partial, "ab") as file:
        file.write(broken)
    assert not (tmp_path / "stopped" / "summary.json").exists()
    with monkeypatch.context() as patched:
        second = Stopped(patched)
        run(models, tmp_path / "stopped")

    assert first.measured + second.measured == whole.measured
    assert len(first.measured) > 0 < len(second.measured)
    for name in ("f.records.jsonl", "summary.json"):
        ours, theirs = (tmp_path / folder / name for folder in ("stopped", "whole"))
        assert ours.read_bytes() == theirs.read_bytes()
    assert {path.name for path in (tmp_path / "stopped").iterdir()} == {
        "f.records.jsonl",
        "summary.json",
    }


def test_what_was_measured_is_not_measured_again(
    archives: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run({"f": archives["f"]}, tmp_path)
    counted = Stopped(monkeypatch)
    assert run({"f": archives["f"]}, tmp_path) == first
    assert not counted.measured
    # A model more, and the one that is there is still taken as it is.
    both = run({"f": archives["f"], "g": archives["g"]}, tmp_path)
    assert both.models["f"] == first.models["f"]
    assert sorted(counted.measured) == list(range(6))


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"methods": {"gradient": "integrated_gradients"}}, "methods"),
        ({"targets": {"first_token": "last_token"}}, "targets"),
        ({"limit": 2}, "limit"),
        ({"max_batch_tokens": 1000}, "max_batch_tokens"),
    ],
)
def test_results_of_other_settings_are_refused_unless_forced(
    archives: dict[str, str], tmp_path: Path, changed: dict[str, Any], named: str
) -> None:
    run({"f": archives["f"]}, tmp_path)
    before = (tmp_path / "f.records.jsonl").read_bytes()
    with pytest.raises(InputError, match=rf"other settings \({named}\).*--force"):
        run({"f": archives["f"]}, tmp_path, **changed)
    assert (tmp_path / "f.records.jsonl").read_bytes() == before
    run({"f": archives["f"]}, tmp_path, force=True, **changed)
    assert (tmp_path / "f.records.jsonl").read_bytes() != before


def test_another_archive_under_the_same_name_is_refused(
    archives: dict[str, str], tmp_path: Path
) -> None:
    run({"f": archives["f"]}, tmp_path)
    with pytest.raises(InputError, match=r"other settings \(archive\)"):
        run({"f": archives["f_ft"]}, tmp_path)


def test_a_changed_data_file_is_refused(
    archives: dict[str, str], tmp_path: Path, data_file: DataFile
) -> None:
    run({"f": archives["f"]}, tmp_path / "out", data_file("a film"))
    with pytest.raises(InputError, match=r"other settings \(data\)"):
        run({"f": archives["f"]}, tmp_path / "out", data_file("a farm"))


def test_copies_of_archive_and_data_are_the_same(
    archives: dict[str, str], tmp_path: Path, data_file: DataFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "f"
    data = data_file("a film")
    for second in (1, 2):
        shutil.copytree(archives["f"], archive, dirs_exist_ok=True)
        for path in (*archive.iterdir(), Path(data)):
            os.utime(path, (second, second))
        counted = Stopped(monkeypatch)
        run({"f": str(archive)}, tmp_path / "out", data)
    assert not counted.measured


def test_force_measures_anew(
    archives: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run({"f": archives["f"]}, tmp_path)
    counted = Stopped(monkeypatch)
    run({"f": archives["f"]}, tmp_path, force=True)
    assert sorted(counted.measured) == list(range(6))


def test_a_file_that_holds_no_records_is_refused(archives: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "f.records.jsonl").write_text("notes\n")
    with pytest.raises(InputError, match="line 1 is no record"):
        run({"f": archives["f"]}, tmp_path)


def test_records_of_another_version_are_refused(archives: dict[str, str], tmp_path: Path) -> None:
    run({"f": archives["f"]}, tmp_path)
    path = tmp_path / "f.records.jsonl"
    for now, then in (('"version": 2', '"version": 9'), (', "version": 9', "")):
        path.write_text(path.read_text().replace(now, then))
        version = "9" if then else "1"
        with pytest.raises(InputError, match=rf"measured by version {version} .*--force"):
            run({"f": archives["f"]}, tmp_path)


def test_a_partial_file_counts_only_where_there_is_no_whole_one(
    archives: dict[str, str], tmp_path: Path
) -> None:
    run({"f": archives["f"]}, tmp_path)
    whole = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    lines = whole["f.records.jsonl"].splitlines(keepends=True)
    (tmp_path / "f.records.jsonl.partial").write_bytes(b"".join(lines[:3]))
    run({"f": archives["f"]}, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == whole


def test_force_keeps_what_is_there_until_something_new_is_measured(
    archives: dict[str, str], tmp_path: Path
) -> None:
    run({"f": archives["f"], "other": archives["f"]}, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ConfigurationError):
        run({"f": str(tmp_path / "missing")}, tmp_path, force=True)
    for name in ("*", "../f", "f\x1b[2J"):
        with pytest.raises(InputError, match="is no name for a model"):
            run({name: archives["f"]}, tmp_path, force=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_only_one_run_at_a_time_writes_into_a_folder(
    archives: dict[str, str], tmp_path: Path
) -> None:
    with (
        locked(tmp_path / "results"),
        pytest.raises(InputError, match="another command is writing into"),
    ):
        run({"f": archives["f"]}, tmp_path / "results")
    assert not (tmp_path / "results").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file: name a folder"):
        run({"f": archives["f"]}, tmp_path / "file")


@pytest.mark.parametrize(
    ("part", "value"),
    [("against_gold", {"sharpness": 1.0}), ("attacks", {"flip": {"flips": [], "succeeded": True}})],
)
def test_records_that_no_analysis_wrote_are_refused(
    archives: dict[str, str], tmp_path: Path, part: str, value: Any
) -> None:
    """`sharpness` is no score of a task; what HotFlip keeps tells how many tokens it could flip."""
    attacks = {"attacks": {"flip": {"type": "hotflip", "max_flips": 1}}}
    run({"f": archives["f"]}, tmp_path, limit=1, **attacks)
    path = tmp_path / "f.records.jsonl"
    header, record = path.read_text().splitlines()
    path.write_text(f"{header}\n{json.dumps({**json.loads(record), part: value})}\n")
    with pytest.raises(InputError, match="not as the analyses write them"):
        run({"f": archives["f"]}, tmp_path, limit=1, **attacks)

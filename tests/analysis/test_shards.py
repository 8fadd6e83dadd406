"""Records of large corpora are in several files, which are read as one."""

import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from facade_allennlp.analysis import summing
from facade_allennlp.analysis.summing import Summing
from facade_allennlp.analysis.tally import Tally
from facade_allennlp.errors import InputError
from facade_allennlp.report.page import render
from facade_allennlp.results import records_file
from facade_allennlp.results.files import read_summary
from facade_allennlp.scale.workers import Workers
from facade_allennlp.studies.word_means import read_explained
from tests.analysis.measuring import records_of, run
from tests.analysis.test_killed import contents
from tests.analysis.test_measure_again import Stopped

FILES = ["f.records-0001.jsonl", "f.records-0002.jsonl", "f.records.jsonl"]


@pytest.fixture
def whole(archives: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six inputs in one file; from then on there are two in each."""
    run({"f": archives["f"]}, tmp_path / "whole")
    monkeypatch.setattr(records_file, "SHARD", 2)
    return tmp_path / "whole"


def test_they_hold_the_same_and_give_the_same_numbers(
    archives: dict[str, str], tmp_path: Path, whole: Path
) -> None:
    run({"f": archives["f"]}, tmp_path / "parts")
    assert sorted(contents(tmp_path / "parts")) == [*FILES, "summary.json"]
    assert records_of(tmp_path / "parts") == records_of(whole)
    summary = (tmp_path / "parts" / "summary.json").read_bytes()
    assert summary == (whole / "summary.json").read_bytes()
    for name in FILES:
        header, *lines = (tmp_path / "parts" / name).read_text().splitlines()
        assert len(lines) == 2
        assert json.loads(header).get("shards") == (3 if name == FILES[-1] else None)
    # A model that is compared with it is, input by input.
    both = run({"f": archives["f"], "again": archives["f"]}, tmp_path / "parts")
    assert both.models["again"].agreement == 100
    assert both.models["again"].explanations.with_reference["gradient"].top == 100  # type: ignore
    assert both.models["f"] == read_summary(whole).models["f"]


def test_whoever_sums_them_up_has_the_same_numbers(
    archives: dict[str, str], tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def from_last_to_first(
        work: Summing, numbers: range, workers: Workers
    ) -> Iterator[tuple[int, Tally]]:
        """What other processes do, and send."""
        assert (workers.count, workers.address) == (1, None)
        work = pickle.loads(pickle.dumps(work))
        for number in reversed(numbers):
            summed.append(number)
            yield number, pickle.loads(pickle.dumps(work.load(-1)(number)))

    summed: list[int] = []
    models = {"f": archives["f"], "f_ft": archives["f_ft"]}
    expected = run(models, tmp_path)
    monkeypatch.setattr(summing, "mapped", from_last_to_first)
    # Those of a cluster may be many, elsewhere; the files are here.
    monkeypatch.setattr(summing, "cores_here", lambda: 1)
    assert run(models, tmp_path, workers=Workers(16, "10.0.0.1:6379")) == expected
    assert summed == [2, 1, 0] * 2


def test_readers_take_them(archives: dict[str, str], tmp_path: Path, whole: Path) -> None:
    parts = tmp_path / "parts"
    run({"f": archives["f"]}, parts)
    pages = [render(folder, ["f"], ["gradient"]) for folder in (parts, whole)]
    assert pages[0].replace(str(parts), str(whole)) == pages[1]
    words = [read_explained({"m": folder})["f"].records for folder in (parts, whole)]
    assert words[0] == words[1]


def test_a_stopped_run_goes_on_file_by_file(
    archives: dict[str, str], tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run({"f": archives["f"]}, tmp_path / "expected")
    expected = contents(tmp_path / "expected")
    measured = []
    for batches in (1, 2):
        folder = tmp_path / str(batches)
        with monkeypatch.context() as patched:
            first = Stopped(patched, after=batches)
            with pytest.raises(KeyboardInterrupt):
                run({"f": archives["f"]}, folder)
        with monkeypatch.context() as patched:
            second = Stopped(patched)
            run({"f": archives["f"]}, folder)
        assert contents(folder) == expected
        assert sorted(first.measured + second.measured) == list(range(6))
        measured.append(len(first.measured))
    assert measured == sorted(set(measured))


def test_measured_anew_nothing_old_is_left(
    archives: dict[str, str], tmp_path: Path, whole: Path
) -> None:
    run({"f": archives["f"]}, tmp_path / "parts")
    run({"f": archives["f"]}, tmp_path / "parts", limit=2, force=True)
    assert sorted(contents(tmp_path / "parts")) == ["f.records.jsonl", "summary.json"]
    with pytest.raises(InputError, match=r"other settings \(limit\)"):
        run({"f": archives["f"]}, tmp_path / "parts")


def test_files_that_are_not_of_one_measurement_are_refused(
    archives: dict[str, str], tmp_path: Path, whole: Path
) -> None:
    run({"f": archives["f"]}, tmp_path)
    second = tmp_path / FILES[1]
    lines = second.read_text()
    second.write_text(lines.replace('"first_token": "first_token"', '"first_token": "last_token"'))
    with pytest.raises(InputError, match=r"0002\.jsonl was made with other settings"):
        run({"f": archives["f"]}, tmp_path)
    header, one, other = lines.splitlines(keepends=True)
    second.write_text(header + other + one)
    with pytest.raises(InputError, match="index 4 stands behind 5; measure anew"):
        run({"f": archives["f"]}, tmp_path)
    second.write_text((tmp_path / FILES[0]).read_text())
    with pytest.raises(InputError, match=r"0002\.jsonl: index 2 belongs into another file"):
        run({"f": archives["f"]}, tmp_path)
    second.unlink()
    with pytest.raises(InputError, match=r"0002\.jsonl: there is no such records file"):
        records_of(tmp_path)

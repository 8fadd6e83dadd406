"""What a record says of itself has to fit together."""

import json
from pathlib import Path
from typing import Any

import pytest

from facade_allennlp.errors import InputError
from facade_allennlp.results.records_file import read
from tests.report.results import flipped, record, reduced, write_results

ATTACKS = {"reduction": reduced([1], [2, 3]), "flip": flipped({1: "bad"})}


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Two records of three words between special tokens."""
    texts = [record(index, ["a", "good", "film"], attacks=ATTACKS) for index in range(2)]
    write_results(tmp_path, {"f": texts})
    return tmp_path / "f.records.jsonl"


def change(path: Path, line: int, place: tuple[Any, ...], value: Any) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    content = inside = json.loads(lines[line - 1])
    for name in place[:-1]:
        inside = inside[name]
    inside[place[-1]] = value
    lines[line - 1] = json.dumps(content)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_what_fits_is_read(records: Path) -> None:
    assert len(read(records)[1]) == 2


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("index",), 0, "index 0 stands in it twice"),
        (("index",), -1, "index is -1"),
        (("word_ids",), [0, 1], "word_ids is not as long as tokens"),
        (("word_ids", 1), 3, "word_ids holds 3, which is no place among 3"),
        (("targets", "first_token"), [5], "targets.first_token holds 5, which is no place among 5"),
        (("targets", "first_token"), [-1], "targets.first_token holds -1"),
        (("targets",), {"none": []}, "targets lacks 'first_token'"),
        (("targets", "os.system"), [], "targets holds 'os.system', which is not in the settings"),
        (("scores", "gradient"), [1.0], "scores.gradient is not as long as tokens"),
        (("scores", "lime"), [1.0] * 5, "scores holds 'lime', which is not in the settings"),
        (("scores", "gradient", 0), 10**301, "has too many digits"),
        (("failed",), {"lime": "why"}, "failed holds 'lime'"),
        (("seconds",), {"lime": 1.0}, "seconds holds 'lime'"),
        (("analyses",), {"own": 1}, "analyses holds 'own'"),
        (("attacks", "os.system"), {}, "attacks holds 'os.system'"),
        (("attacks", "reduction", "dropped"), "no", "attacks.reduction.dropped holds 'n'"),
        (("attacks", "reduction", "dropped"), 3, "attacks.reduction.dropped is no list"),
        (("attacks", "reduction"), {"dropped": []}, "attacks.reduction.left is missing"),
        (("attacks", "flip", "flips"), [{"position": 1}], "attacks.flip.flips is no list of flips"),
        (("attacks", "flip", "flips", 0, "position"), True, "attacks.flip.flips holds True"),
        (("attacks", "flip", "succeeded"), 1, "attacks.flip.succeeded is not true or false"),
    ],
    ids=lambda one: str(one)[:20],
)
def test_what_does_not_fit_is_one_sentence_with_file_and_line(
    records: Path, place: tuple[Any, ...], value: Any, message: str
) -> None:
    change(records, 3, place, value)
    with pytest.raises(InputError, match=r"f\.records\.jsonl: line 3 is no record") as refused:
        read(records)
    assert message in str(refused.value)


def test_the_methods_of_a_header_are_those_of_its_settings(records: Path) -> None:
    change(records, 1, ("methods", "lime"), {"title": "LIME"})
    with pytest.raises(InputError, match=r"line 1 .*its methods are not those of its settings"):
        read(records)


@pytest.mark.parametrize("shards", [1, 0, -3])
def test_a_number_of_files_is_more_than_one(records: Path, shards: int) -> None:
    change(records, 1, ("shards",), shards)
    with pytest.raises(InputError, match=rf"line 1 .*shards is {shards}, but of one file"):
        read(records)


@pytest.mark.parametrize(
    "line", [b"\xff\n", b"[" * 100_000 + b"\n", b'{"index": 0, "index": 1}\n', b"\n", b"7\n"]
)
def test_what_is_no_json_object_is_no_record(records: Path, line: bytes) -> None:
    with records.open("ab") as file:
        file.write(line)
    with pytest.raises(InputError, match="line 4 is no record"):
        read(records)

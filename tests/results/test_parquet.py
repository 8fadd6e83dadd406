"""Records in Parquet are those in JSON Lines, and whoever reads the one reads the other."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from facade_allennlp.analysis.run import measure
from facade_allennlp.errors import InputError
from facade_allennlp.report.page import render
from facade_allennlp.results import records_file
from facade_allennlp.results.checked import to_json
from facade_allennlp.results.header import Header, LeftOut
from facade_allennlp.results.parquet import HEADER, read_parquet, write_parquet
from facade_allennlp.results.record import Erased, ErasedByMethod, Record, Window
from facade_allennlp.results.records_file import RecordsFile, entries, read_model
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.source import Source
from facade_allennlp.results.summary import MethodLabel
from facade_allennlp.studies.word_means import read_explained
from fixtures import VALIDATION
from tests.analysis.measuring import SETTINGS

HEAD = Header(
    Source("runs/f", "ab"),
    Source("é.jsonl"),
    Settings({"first_token": "first_token", "none": "last_token"}, {"gradient": "gradient"}),
    {"gradient": MethodLabel("Gradient", -1)},
)
PLAIN: dict[str, Any] = {
    "gold": None,
    "prediction": "good",
    "probabilities": [0.1, 0.9],
    "tokens": ["[CLS]", "un", "été"],
    "word_ids": [None, 0, 1],
    "words": ["un", "été"],
    "targets": {"first_token": [1], "none": []},
    "scores": {"gradient": [0.0, 1e-300, -math.inf]},
}
RECORDS = [
    Record(0, **PLAIN),
    Record(
        7,
        **PLAIN | {"gold": "bad"},
        right=False,
        against_gold={"accuracy": 0.0, "f1": None},
        window=Window("q", 0.25),
        attacks={"flip": {"flips": [{"position": 1, "to": "\U0001f600"}], "gained": None}},
        faithfulness=Erased(0.5, {"gradient": ErasedByMethod([0.1], [], ["bad"], -1.0)}),
        seconds={"gradient": 0.1},
        analyses={"own": [1, {"two": 2.5}], "none": {}},
        truncated=3,
        failed={"gradient": "no finite score"},
    ),
    LeftOut(3, "AttributeError: a fault"),
]


def test_entries_come_back_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "f.records.parquet"
    write_parquet(path, to_json(HEAD), list(map(to_json, RECORDS)))
    header, *rows = read_parquet(path)
    assert header == to_json(HEAD)
    assert list(map(json.dumps, rows)) == [json.dumps(to_json(entry)) for entry in RECORDS]


def test_columns_have_the_kinds_of_the_fields(tmp_path: Path) -> None:
    path = tmp_path / "f.records.parquet"
    write_parquet(path, to_json(HEAD), list(map(to_json, RECORDS)))
    schema = parquet.read_schema(path)
    assert schema.field("index").type == pa.int64()
    assert schema.field("scores").type == pa.map_(pa.string(), pa.list_(pa.float64()))
    assert schema.field("window").type == pa.struct(
        [("question", pa.string()), ("score", pa.float64())]
    )


def test_a_measurement_is_the_same_and_all_readers_take_it(
    archives: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records_file, "SHARD", 4)
    settings = Settings(**SETTINGS, attacks={"hotflip": "hotflip"}, faithfulness={})
    both = {"f": archives["f"], "f_ft": archives["f_ft"]}
    for suffix in (".jsonl", ".parquet"):
        measure(both, VALIDATION, settings, tmp_path / suffix, suffix=suffix)
    names = sorted(path.name for path in (tmp_path / ".parquet").iterdir())
    assert names == [
        "f.records-0001.parquet", "f.records.parquet",
        "f_ft.records-0001.parquet", "f_ft.records.parquet", "summary.json",
    ]  # fmt: skip
    summaries = [
        (tmp_path / suffix / "summary.json").read_bytes() for suffix in (".jsonl", ".parquet")
    ]
    assert summaries[0] == summaries[1]
    records = [read_model(tmp_path / suffix, "f_ft") for suffix in (".jsonl", ".parquet")]
    assert records[0] == records[1]
    pages = [render(tmp_path / suffix) for suffix in (".jsonl", ".parquet")]
    assert pages[0].replace("/.jsonl", "/.parquet") == pages[1]
    words = [
        read_explained({"m": tmp_path / suffix})["f"].records for suffix in (".jsonl", ".parquet")
    ]
    assert words[0] == words[1]


def test_without_pyarrow_its_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"facade-allennlp\[parquet\]"):
        RecordsFile(tmp_path, "f", HEAD, suffix=".parquet")
    with pytest.raises(InputError, match=r"facade-allennlp\[parquet\]"):
        list(read_parquet(tmp_path / "f.records.parquet"))


def _other_header(header: bytes) -> Any:
    return lambda path: parquet.write_table(
        parquet.read_table(path).replace_schema_metadata({HEADER: header}), path
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"notes"),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: parquet.write_table(pa.table({"index": [1]}), path),
        _other_header(b"[]"),
        _other_header(b"{"),
        _other_header(b"\xff"),
        lambda path: parquet.write_table(
            parquet.read_table(path).set_column(0, "index", [["0", "3"]]), path
        ),
        lambda path: parquet.write_table(parquet.read_table(path).drop_columns("index"), path),
    ],
    ids=["text", "cut", "no header", "list", "half", "bytes", "other kind", "no index"],
)
def test_what_is_no_file_of_records_is_refused_in_a_sentence(tmp_path: Path, spoil: Any) -> None:
    path = tmp_path / "f.records.parquet"
    fitting = [RECORDS[0], RECORDS[2]]
    write_parquet(path, to_json(HEAD), map(to_json, fitting))
    assert list(entries(path)) == fitting
    spoil(path)
    with pytest.raises(InputError, match=r"f.records.parquet.*--force"):
        list(entries(path))

"""Records as Parquet: a column for each field of a record, and the header beside the schema."""

import json
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from facade_allennlp.errors import InputError, brief
from facade_allennlp.lines import strict_json
from facade_allennlp.results.header import LeftOut
from facade_allennlp.results.record import Record

HEADER = b"facade_allennlp"
"""The key of the header, in JSON."""
ROWS = 1024
"""That are written and read at a time."""


def write_parquet(path: Path, header: Any, entries: Iterable[Any]) -> None:
    """
    What `read_parquet` reads.

    # Parameters

    header : `Any`
        In JSON.
    entries : `Iterable[Any]`
        Each record, or what was left out, as JSON has it.

    # Raises

    `InputError` : pyarrow is not installed.
    """
    pa, parquet = pyarrow_and_parquet()
    kinds = _kinds(Record) | _kinds(LeftOut)
    schema = pa.schema(
        [(name, _arrow_type(pa, kind)) for name, kind in kinds.items()],
        {HEADER: json.dumps(header, ensure_ascii=False)},
    )
    with parquet.ParquetWriter(path, schema) as writer:
        left = iter(entries)
        while some := list(islice(left, ROWS)):
            rows = [
                {name: _converted(kinds[name], value, TO_ARROW) for name, value in one.items()}
                for one in some
            ]
            writer.write_table(pa.Table.from_pylist(rows, schema))


def read_parquet(path: Path) -> Iterator[Any]:
    """
    The header, and then each record or what was left out, as JSON has them: see `entries_of`.

    # Raises

    `InputError` : pyarrow is not installed; it is no such file.
    """
    pa, parquet = pyarrow_and_parquet()
    try:
        with parquet.ParquetFile(path) as file:
            yield strict_json(file.schema_arrow.metadata[HEADER].decode())
            for batch in file.iter_batches(ROWS):
                yield from map(_entry, batch.to_pylist())
    except InputError:
        raise
    except (pa.ArrowException, OSError, LookupError, TypeError, ValueError) as error:
        raise InputError(
            f"{path} is no file of records ({brief(error)}); measure anew with --force"
        ) from None


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    """In which nothing stands for what is not there."""
    left_out = row.get("left_out")
    kind = Record if left_out is None else LeftOut
    entry = {}
    for field in fields(kind):
        value = _converted(_kinds(kind)[field.name], row.get(field.name), FROM_ARROW)
        if value is not None or field.default is not None:
            entry[field.name] = value
    return entry


def pyarrow_and_parquet() -> tuple[Any, Any]:
    """
    The modules.

    # Raises

    `InputError` : they are not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise InputError(
            "Parquet needs pyarrow, which is not installed: `pip install "
            "'facade-allennlp[parquet]'`, or take --format jsonl"
        ) from None
    return pyarrow, parquet


@cache
def _kinds(kind: Hashable) -> dict[str, Any]:
    """Of the fields of a dataclass, by name; where one may be missing, of those that are not."""
    return {name: _present(hint) for name, hint in get_type_hints(kind).items()}


def _present(kind: Any) -> Any:
    arguments = get_args(kind)
    if NoneType not in arguments:
        return kind
    (present,) = [one for one in arguments if one is not NoneType]
    return present


def _arrow_type(pa: Any, kind: Any) -> Any:
    """Values of any form are texts in JSON. Every value may be missing."""
    kind = _present(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list:
        return pa.list_(_arrow_type(pa, arguments[0]))
    if origin is dict:
        return pa.map_(pa.string(), _arrow_type(pa, arguments[1]))
    if bool(is_dataclass(kind)):  # of which mypy would not know that it is hashable
        return pa.struct([(name, _arrow_type(pa, one)) for name, one in _kinds(kind).items()])
    names = {bool: "bool", int: "int64", float: "float64", str: "string", Any: "string"}
    return pa.type_for_alias(names[kind])


@dataclass(frozen=True)
class Direction:
    """How JSON and Arrow write what they do not write alike: any form, and objects of any names."""

    any_form: Callable[[Any], Any]
    pairs: Callable[[Any], Iterable[tuple[str, Any]]]
    put_together: Callable[[Iterable[tuple[str, Any]]], Any]


TO_ARROW = Direction(partial(json.dumps, ensure_ascii=False), dict.items, list)
FROM_ARROW = Direction(partial(strict_json, finite=False), iter, dict)


def _converted(kind: Any, value: Any, direction: Direction) -> Any:
    kind = _present(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if value is None:
        return None
    if kind is Any:
        return direction.any_form(value)
    if origin is list:
        return [_converted(arguments[0], one, direction) for one in value]
    if origin is dict:
        pairs = direction.pairs(value)
        return direction.put_together(
            [(name, _converted(arguments[1], one, direction)) for name, one in pairs]
        )
    if bool(is_dataclass(kind)):  # of which mypy would not know that it is hashable
        return {name: _converted(one, value[name], direction) for name, one in _kinds(kind).items()}
    return value

"""A part of a model's records on disk: written as they come, whole and in order in the end."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Optional

from facade_allennlp.errors import InputError, brief
from facade_allennlp.lines import strict_json
from facade_allennlp.results.checked import from_json, to_json
from facade_allennlp.results.fitting import check_record
from facade_allennlp.results.header import Header, LeftOut, header_from_json
from facade_allennlp.results.parquet import read_parquet, write_parquet
from facade_allennlp.results.record import Record

JSON_LINES, PARQUET = ".jsonl", ".parquet"
"""How files end, by their format."""

Entry = Record | LeftOut


@dataclass(frozen=True)
class Line:
    """
    An entry as it stands in a file, by whoever made it.

    # Parameters

    index : `int`
        Of the input.
    content : `bytes`
    left_out : `LeftOut`, optional
        The entry, if it is no record.
    """

    index: int
    content: bytes
    left_out: Optional[LeftOut] = None

    @classmethod
    def of(cls, entry: Entry) -> "Line":
        return cls(entry.index, written(entry), entry if isinstance(entry, LeftOut) else None)


class Shard:
    """
    The records of inputs whose numbers follow one another, in `path`, or in `path.partial` as long
    as some are missing, which has JSON Lines whatever the format is. Where each is in the file is
    known, and not what it says.

    # Parameters

    path : `Path`
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.partial = path.with_name(path.name + ".partial")
        self.whole = path.exists()
        self.left_out: dict[int, LeftOut] = {}
        self._offsets: dict[int, int] = {}
        self._end = 0
        """Of what is whole in the partial file."""

    def __len__(self) -> int:
        """How many inputs are known, while it is not whole."""
        return len(self._offsets) + len(self.left_out)

    @property
    def measured(self) -> int:
        return len(self._offsets)

    def has(self, index: int) -> bool:
        """Whether there is a record of an input, or why it has none."""
        return self.whole or index in self._offsets or index in self.left_out

    def take_up(self) -> Header:
        """
        What is in the partial file, if it is not whole; and its header.

        # Raises

        `InputError` : it is no records file, or a line of it is no record.
        """
        if self.whole:
            return read_header(self.path)
        for entry, offset, end in entries_of(self.partial):
            self._end = end
            if not isinstance(entry, Header):
                self._know(entry.index, offset, entry if isinstance(entry, LeftOut) else None)
        return read_header(self.partial)

    def _know(self, index: int, offset: int, left_out: Optional[LeftOut]) -> None:
        if left_out is None:
            self._offsets[index] = offset
        else:
            self.left_out[index] = left_out

    def add(self, lines: Iterable[Line], header: Header) -> None:
        """Appends those that are not there yet."""
        if not self._end:
            self._write(self.partial, header, [])
            self._end = self.partial.stat().st_size
        with open(self.partial, "r+b") as file:
            file.truncate(self._end)  # a killed run may have left half a line
            file.seek(self._end)
            for line in lines:
                if not self.has(line.index):
                    self._know(line.index, file.tell(), line.left_out)
                    file.write(line.content)
            self._end = file.tell()

    def finish(self, header: Header) -> None:
        """The records by the numbers of their inputs, then what was left out, under `path`."""
        if not self.whole:
            left_out = [self.left_out[index] for index in sorted(self.left_out)]
            self._write(self.path, header, left_out)
            self.whole = True
            self.left_out.clear()
            self._offsets.clear()
        self.partial.unlink(missing_ok=True)

    def _write(self, path: Path, header: Header, left_out: Sequence[LeftOut]) -> None:
        temporary = self.partial.with_name(self.partial.name + ".tmp")
        if path.suffix == PARQUET:
            entries = chain(map(_json_of, self._records()), map(to_json, left_out))
            write_parquet(temporary, to_json(header), entries)
        else:
            with open(temporary, "wb") as file:
                file.write(written(header))
                file.writelines(self._records())
                file.writelines(map(written, left_out))
        os.replace(temporary, path)

    def _records(self) -> Iterator[bytes]:
        """As lines, by the numbers of their inputs."""
        if self._offsets:
            with open(self.partial, "rb") as lines:
                for index in sorted(self._offsets):
                    lines.seek(self._offsets[index])
                    yield lines.readline()


def written(entry: Header | Entry) -> bytes:
    """As a line."""
    return (json.dumps(to_json(entry), ensure_ascii=False) + "\n").encode()


def read_header(path: Path) -> Header:
    """See `entries_of`."""
    entry, _, _ = next(entries_of(path))
    assert isinstance(entry, Header)
    return entry


def entries_of(path: Path) -> Iterator[tuple[Header | Entry, int, int]]:
    """
    What a records file holds, the first of which is its header, and where each line of JSON begins
    and ends. A line that a killed run left half-written is left out.

    # Raises

    `InputError` : there is no such file, it is no records file, or one of another version; a record
        does not fit the header, or itself.
    """
    if not path.exists():
        raise InputError(f"{path}: there is no such records file")
    header = None
    seen: set[int] = set()
    contents = _rows(path) if path.suffix == PARQUET else _lines(path)
    for number, (read, offset, end, is_whole) in enumerate(contents, start=1):
        if header is not None and not is_whole:
            break
        try:
            content = read()
            if header is None:
                entry: Header | Entry = header_from_json(content)
                header = entry if isinstance(entry, Header) else None
            else:
                entry = entry_from_json(content, header)
                if entry.index in seen:
                    raise InputError(f"index {entry.index} stands in it twice")
                seen.add(entry.index)
        except ValueError as error:  # an InputError is one
            if is_whole:
                raise InputError(
                    f"{path}: line {number} is no record ({brief(error)}); measure anew with "
                    "--force"
                ) from None
            break
        yield entry, offset, end
    if header is None:
        raise InputError(f"{path}: this is no records file; measure anew with --force")


Content = tuple[Callable[[], Any], int, int, bool]
"""What gives an entry in JSON, where its line begins and ends, and whether it ends at all."""


def _lines(path: Path) -> Iterator[Content]:
    end = 0
    # As bytes: a half-written line may end inside a character.
    with open(path, "rb") as lines:
        for line in lines:
            offset, end = end, end + len(line)
            # Scores need not be finite, where a method gave none.
            yield partial(_json_of, line), offset, end, line.endswith(b"\n")


def _json_of(line: bytes) -> Any:
    return strict_json(line.decode(), finite=False)


def _rows(path: Path) -> Iterator[Content]:
    for row in read_parquet(path):
        yield iter([row]).__next__, 0, 0, True


def entry_from_json(content: object, header: Header) -> Entry:
    """
    # Raises

    `InputError` : it is no record, or none that fits the header.
    """
    if isinstance(content, dict) and "left_out" in content:
        return from_json(LeftOut, content)
    record = from_json(Record, content)
    check_record(record, header.settings)
    return record

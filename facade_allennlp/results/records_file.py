"""Records on disk: written batch by batch, whole in the end, taken up again after a stop."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from facade_allennlp.errors import InputError, brief
from facade_allennlp.lines import strict_json
from facade_allennlp.results.checked import from_json, to_json
from facade_allennlp.results.files import SUMMARY
from facade_allennlp.results.fitting import check_record
from facade_allennlp.results.record import Record
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.source import Source
from facade_allennlp.results.summary import VERSION, MethodLabel

SUFFIX = ".records.jsonl"


@dataclass
class Header:
    """
    The first line of a records file: how its records were made.

    # Parameters

    archive, data : `Source`
    settings : `Settings`
    methods : `dict[str, MethodLabel]`
    """

    archive: Source
    data: Source
    settings: Settings
    methods: dict[str, MethodLabel]
    version: int = VERSION

    def differing(self, other: "Header") -> list[str]:
        """The names of what the two were made with and that is not the same."""
        ours, theirs = (
            {"archive": header.archive, "data": header.data, **vars(header.settings)}
            for header in (self, other)
        )
        return sorted(name for name in ours if ours[name] != theirs[name])


@dataclass
class LeftOut:
    """
    A line of an input that the model cannot read.

    # Parameters

    index : `int`
        Of the instance in the data file, from 0.
    left_out : `str`
        Why.
    """

    index: int
    left_out: str


class RecordsFile:
    """
    The records of one model in a folder: `NAME.records.jsonl`, or `NAME.records.jsonl.partial` as
    long as some are missing. The first line is their header.

    # Parameters

    folder : `Path`
    name : `str`
        Of the model.
    header : `Header`
    anew : `bool`, optional (default = `False`)
        What is there does not count; it goes when the first records are added.

    # Raises

    `InputError` : there are records of this name, of another archive or other data, or made with
        other settings.
    """

    def __init__(self, folder: Path, name: str, header: Header, anew: bool = False) -> None:
        self.path = folder / (name + SUFFIX)
        self.partial = self.path.with_name(self.path.name + ".partial")
        self.header = header
        self.anew = anew
        self.known: dict[int, Record] = {}
        self.left_out: dict[int, LeftOut] = {}
        there = [path for path in (self.path, self.partial) if path.exists()]
        self.was_there = bool(there) and not anew
        if self.was_there:
            self._take_up(there[0])  # beside a whole file a partial one is of no use

    @property
    def complete(self) -> bool:
        return not self.anew and self.path.exists()

    def _take_up(self, path: Path) -> None:
        header, records, left_out = _read(path)
        differing = header.differing(self.header)
        if differing:
            raise InputError(
                f"{path} was made with other settings ({', '.join(differing)}); choose another "
                "--output, or use --force to measure anew"
            )
        self.header = header
        self.known = {record.index: record for record in records}
        self.left_out = {entry.index: entry for entry in left_out}

    def has(self, index: int) -> bool:
        """Whether there is a record of an instance, or why it has none."""
        return index in self.known or index in self.left_out

    @property
    def reasons(self) -> Optional[dict[str, int]]:
        """Why instances are left out, and how many; `None` where none is."""
        return dict(Counter(entry.left_out for entry in self.left_out.values())) or None

    def add(self, records: Iterable[Record | LeftOut]) -> None:
        """Appends the records that are not there yet."""
        new = [record for record in records if not self.has(record.index)]
        if self.anew:
            for stale in (self.path.with_name(SUMMARY), self.path, self.partial):
                stale.unlink(missing_ok=True)
            self.anew = False
        begun = self.partial.exists()
        if not begun:
            self._write(self.partial, [])
        else:
            _drop_broken_end(self.partial)
        with open(self.partial, "a", encoding="utf-8") as lines:
            for record in new:
                lines.write(_line(record))
                if isinstance(record, LeftOut):
                    self.left_out[record.index] = record
                else:
                    self.known[record.index] = record

    def finish(self) -> list[Record]:
        """All records, by index; the file takes its final name."""
        records = [self.known[index] for index in sorted(self.known)]
        if not self.complete:
            self._write(self.partial, [*records, *self.left_out.values()])
            os.replace(self.partial, self.path)
        self.partial.unlink(missing_ok=True)
        return records

    def _write(self, path: Path, records: Sequence[Record | LeftOut]) -> None:
        temporary = path.with_name(path.name + ".tmp")
        with open(temporary, "w", encoding="utf-8") as lines:
            lines.write(_line(self.header))
            lines.writelines(map(_line, records))
        os.replace(temporary, path)


def read(path: Path) -> tuple[Header, list[Record]]:
    """
    The header and the records of a records file; a line that a killed run left half-written is left
    out.

        header, records = read(Path("runs/results/f.records.jsonl"))
        header.settings.command_line()

    # Raises

    `InputError` : there is no such file, it is no records file, or one of another version; a record
        does not fit the header, or itself.
    """
    header, records, _ = _read(path)
    return header, records


def _read(path: Path) -> tuple[Header, list[Record], list[LeftOut]]:
    if not path.exists():
        raise InputError(f"{path}: there is no such records file")
    header: Optional[Header] = None
    records: list[Record] = []
    left_out: list[LeftOut] = []
    seen: set[int] = set()
    # As bytes: a half-written line may end inside a character.
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                # Scores need not be finite, where a method gave none.
                entry = strict_json(line.decode(), finite=False)
                if header is None:
                    header = _header(entry)
                    continue
                of_input: Record | LeftOut
                if isinstance(entry, dict) and "left_out" in entry:
                    of_input = from_json(LeftOut, entry)
                    left_out.append(of_input)
                else:
                    of_input = from_json(Record, entry)
                    check_record(of_input, header.settings)
                    records.append(of_input)
                if of_input.index in seen:
                    raise InputError(f"index {of_input.index} stands in it twice")
                seen.add(of_input.index)
            except ValueError as error:  # an InputError is one
                if line.endswith(b"\n"):
                    raise InputError(
                        f"{path}: line {number} is no record ({brief(error)}); measure anew with "
                        "--force"
                    ) from None
    if header is None:
        raise InputError(f"{path}: this is no records file; measure anew with --force")
    return header, records, left_out


def _header(entry: Any) -> Header:
    if isinstance(entry, dict) and "settings" in entry and entry.get("version") != VERSION:
        raise InputError(f"it was measured by version {entry.get('version', 1)!r} of this format")
    header = from_json(Header, entry)
    if list(header.methods) != list(header.settings.methods):
        raise InputError("its methods are not those of its settings")
    return header


def _line(entry: Header | Record | LeftOut) -> str:
    return json.dumps(to_json(entry), ensure_ascii=False) + "\n"


def _drop_broken_end(path: Path) -> None:
    """Cuts off a last line without its end."""
    with open(path, "rb+") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)

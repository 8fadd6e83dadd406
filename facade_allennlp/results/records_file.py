"""Records on disk: written batch by batch, whole in the end, taken up again after a stop."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Optional

from facade_allennlp.errors import InputError
from facade_allennlp.results.files import SUMMARY
from facade_allennlp.results.header import Header, LeftOut
from facade_allennlp.results.parquet import pyarrow_and_parquet
from facade_allennlp.results.record import Record
from facade_allennlp.results.shard import (
    JSON_LINES,
    PARQUET,
    Entry,
    Line,
    Shard,
    entries_of,
    read_header,
)

FORMATS = (JSON_LINES, PARQUET)
SHARD = 65_536
"""The most inputs of one file."""


class RecordsFile:
    """
    The records of one model in a folder: `NAME.records.jsonl`, which is there once all are; of more
    than `SHARD` inputs those of the following in `NAME.records-0001.jsonl` and so on. As long as
    records are missing, files have `.partial` behind their names. The first line of each is their
    header. Only the places of records in files are held, and of files that are whole not even
    these.

    # Parameters

    folder : `Path`
    name : `str`
        Of the model.
    header : `Header`
    anew : `bool`, optional (default = `False`)
        What is there does not count; it goes when the first records are added.
    suffix : `str`, optional (default = `".jsonl"`)
        The format of files that are whole, one of `FORMATS`.

    # Raises

    `InputError` : there are records of this name, of another archive or other data, made with other
        settings, or in another format; what writes the format is not installed.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        header: Header,
        anew: bool = False,
        suffix: str = JSON_LINES,
    ) -> None:
        if suffix == PARQUET:
            pyarrow_and_parquet()  # before anything is measured
        self.path = records_path(folder, name, suffix)
        self._others = [records_path(folder, name, other) for other in FORMATS if other != suffix]
        self.header = header
        self.anew = anew
        self.shards: dict[int, Shard] = {0: Shard(self.path)}
        self.left_out: Counter[str] = Counter()
        """Why inputs are left out, and how many, as far as files are not whole."""
        for other in self._others:
            if not anew and numbers_of_shards(other):
                raise InputError(
                    f"there are records in {other}; choose another --output or --format, or use "
                    "--force to measure anew"
                )
        there = [] if anew else numbers_of_shards(self.path)
        self.was_there = bool(there)
        if anew:
            self.shards[0].whole = False
        # Beside all that is whole a partial file is of no use.
        for number in there[:1] if self.complete else there:
            self._take_up(number)

    @property
    def complete(self) -> bool:
        return self.shards[0].whole

    @property
    def is_empty(self) -> bool:
        """Whether no input was measured."""
        return not any(shard.whole or shard.measured for shard in self.shards.values())

    def _take_up(self, number: int) -> None:
        shard = self.shards.setdefault(number, Shard(shard_path(self.path, number)))
        header = shard.take_up()
        differing = header.differing(self.header)
        if differing:
            path = shard.path if shard.whole else shard.partial
            raise InputError(
                f"{path} was made with other settings ({', '.join(differing)}); choose another "
                "--output, or use --force to measure anew"
            )
        self.header = replace(header, shards=None)
        self.left_out.update(entry.left_out for entry in shard.left_out.values())

    def has(self, index: int) -> bool:
        """Whether there is a record of an input, or why it has none."""
        shard = self.shards.get(self._number(index))
        return shard is not None and shard.has(index)

    def _number(self, index: int) -> int:
        """Of the shard. Some of a corpus are few enough for one, wherever they are in it."""
        return index // SHARD if self.header.settings.limit is None else 0

    def add(self, lines: Iterable[Line]) -> None:
        """Appends the records that are not there yet."""
        if self.anew:
            self.path.with_name(SUMMARY).unlink(missing_ok=True)
            for path in (self.path, *self._others):
                for number in numbers_of_shards(path):
                    stale = Shard(shard_path(path, number))
                    stale.path.unlink(missing_ok=True)
                    stale.partial.unlink(missing_ok=True)
            self.anew = False
        by_shard: dict[int, list[Line]] = {}
        for line in lines:
            if not self.has(line.index):
                by_shard.setdefault(self._number(line.index), []).append(line)
        for number, new in by_shard.items():
            shard = self.shards.setdefault(number, Shard(shard_path(self.path, number)))
            shard.add(new, self.header)
            self.left_out.update(line.left_out.left_out for line in new if line.left_out)
            # The first one is whole only when all are.
            if number and len(shard) == SHARD:
                shard.finish(self.header)

    def finish(self) -> None:
        """All files take their final names, the first one last."""
        first, *others = (self.shards[number] for number in sorted(self.shards))
        for shard in others:
            shard.finish(self.header)
        count = len(self.shards)
        first.finish(self.header if count == 1 else replace(self.header, shards=count))

    def discard(self) -> None:
        """Removes what is partial."""
        for shard in self.shards.values():
            shard.partial.unlink(missing_ok=True)


def records_path(folder: Path, name: str, suffix: str) -> Path:
    """Of the first file of a model's records."""
    return folder / f"{name}.records{suffix}"


def shard_path(path: Path, number: int) -> Path:
    """
    >>> shard_path(Path("f.records.jsonl"), 2)
    PosixPath('f.records-0002.jsonl')
    """
    if number == 0:
        return path
    return path.with_name(f"{path.stem}-{number:04d}{path.suffix}")


def numbers_of_shards(path: Path) -> list[int]:
    """Of all files of a model that are there, partial ones too, in order."""
    name, suffix = re.escape(path.stem), re.escape(path.suffix)
    pattern = re.compile(rf"{name}(?:-(\d{{4,}}))?{suffix}(?:\.partial)?")
    found = map(pattern.fullmatch, (one.name for one in path.parent.iterdir()))
    return sorted({int(match[1] or 0) for match in found if match})


def read_model(folder: Path, name: str) -> tuple[Header, list[Record]]:
    """
    See `read`, whatever the format.

        header, records = read_model(Path("runs/results"), "f_ft")

    # Raises

    `InputError` : what `read` refuses.
    """
    paths = [records_path(folder, name, suffix) for suffix in FORMATS]
    return read(next(filter(Path.exists, paths), paths[0]))


def read(path: Path) -> tuple[Header, list[Record]]:
    """
    The header and the records of a model; a line that a killed run left half-written is left out.

        header, records = read(Path("runs/results/f.records.jsonl"))
        header.settings.command_line()

    # Parameters

    path : `Path`
        The first file, which stands for all of them.

    # Raises

    `InputError` : there is no such file, it is no records file, or one of another version; a record
        does not fit the header, or itself.
    """
    header = read_header(path)
    return header, [entry for entry in entries(path) if isinstance(entry, Record)]


def entries(path: Path) -> Iterator[Entry]:
    """
    The records of a model and what was left out, file by file and line by line; see `read`.
    """
    for number in range(read_header(path).shards or 1):
        yield from entries_in(path, number)


def entries_in(path: Path, number: int) -> Iterator[Entry]:
    """
    Those of one of the files that `path` stands for.

    # Raises

    `InputError` : see `read`; the file was made with other settings than the first one, or holds
        inputs of another one.
    """
    header, own = read_header(path), shard_path(path, number)
    for entry, _, _ in entries_of(own):
        if isinstance(entry, Header):
            if entry.differing(header):
                raise InputError(
                    f"{own} was made with other settings than {path}: measure anew with --force"
                )
            continue
        if header.shards and entry.index // SHARD != number:
            raise InputError(
                f"{own}: index {entry.index} belongs into another file; measure anew with --force"
            )
        yield entry


def paired(
    path: Path, reference: Optional[Path], number: int
) -> Iterator[tuple[Entry, Optional[Record]]]:
    """
    The records in one of a model's files, each with what another model makes of the same input.

    # Raises

    `InputError` : see `entries_in`; records are not in the order of their inputs.
    """
    others = iter(()) if reference is None else _in_order(reference, number)
    other: Optional[Entry] = next(others, None)
    for entry in _in_order(path, number):
        if isinstance(entry, LeftOut):
            yield entry, None
            continue
        while other is not None and (isinstance(other, LeftOut) or other.index < entry.index):
            other = next(others, None)
        same = isinstance(other, Record) and other.index == entry.index
        yield entry, other if same else None  # type: ignore[misc]


def _in_order(path: Path, number: int) -> Iterator[Entry]:
    last = -1
    for entry in entries_in(path, number):
        if isinstance(entry, Record):
            if entry.index <= last:
                raise InputError(
                    f"{shard_path(path, number)}: index {entry.index} stands behind {last}; "
                    "measure anew with --force"
                )
            last = entry.index
        yield entry

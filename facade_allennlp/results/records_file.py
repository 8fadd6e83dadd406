"""Records on disk: written batch by batch, whole in the end, taken up again after a stop."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError

from facade_allennlp.results.record import Record

SUFFIX = ".records.jsonl"


class RecordsFile:
    """
    The records of one model in a folder: `NAME.records.jsonl`, or `NAME.records.jsonl.partial` as
    long as some are missing. The first line holds the settings they were made with.

    # Parameters

    folder : `Path`
    name : `str`
        Of the model.
    settings : `dict[str, Any]`
        JSON; a file that was made with other settings is not taken up.

    # Raises

    `ConfigurationError` : there are records of this name, made with other settings.
    """

    def __init__(self, folder: Path, name: str, settings: dict[str, Any]) -> None:
        self.path = folder / (name + SUFFIX)
        self.partial = self.path.with_name(self.path.name + ".partial")
        self.settings = json.loads(json.dumps(settings))
        self.known: dict[int, Record] = {}
        for path in (self.path, self.partial):
            if path.exists():
                self._take_up(path)

    @property
    def complete(self) -> bool:
        return self.path.exists()

    def _take_up(self, path: Path) -> None:
        settings, records = read(path)
        if settings != self.settings:
            differing = sorted(
                name
                for name in settings.keys() | self.settings.keys()
                if settings.get(name) != self.settings.get(name)
            )
            raise ConfigurationError(
                f"{path} was made with other settings ({', '.join(differing)}); choose another "
                "--output, or use --force to measure anew"
            )
        self.known = {record.index: record for record in records}

    def add(self, records: Iterable[Record]) -> None:
        """Appends the records that are not there yet."""
        new = [record for record in records if record.index not in self.known]
        begun = self.partial.exists()
        if not begun:
            self._write(self.partial, [])
        else:
            _drop_broken_end(self.partial)
        with open(self.partial, "a", encoding="utf-8") as lines:
            for record in new:
                lines.write(json.dumps(record.to_json(), ensure_ascii=False) + "\n")
                self.known[record.index] = record

    def finish(self) -> list[Record]:
        """All records, by index; the file takes its final name."""
        records = [self.known[index] for index in sorted(self.known)]
        if not self.complete:
            self._write(self.partial, records)
            os.replace(self.partial, self.path)
        return records

    def _write(self, path: Path, records: list[Record]) -> None:
        temporary = path.with_name(path.name + ".tmp")
        with open(temporary, "w", encoding="utf-8") as lines:
            lines.write(json.dumps({"settings": self.settings}, ensure_ascii=False) + "\n")
            for record in records:
                lines.write(json.dumps(record.to_json(), ensure_ascii=False) + "\n")
        os.replace(temporary, path)


def read(path: Path) -> tuple[dict[str, Any], list[Record]]:
    """
    The settings and records of a records file; a line that a killed run left half-written is left
    out.

    # Raises

    `ConfigurationError` : there is no such file, or it is no records file.
    """
    if not path.exists():
        raise ConfigurationError(f"{path}: there is no such records file")
    settings: Optional[dict[str, Any]] = None
    records = []
    # As bytes: a half-written line may end inside a character.
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                entry = json.loads(line)
                if settings is None:
                    settings = entry["settings"]
                else:
                    records.append(Record(**entry))
            except (ValueError, KeyError, TypeError):
                if line.endswith(b"\n"):
                    raise ConfigurationError(f"{path}: line {number} is no record") from None
    if settings is None:
        raise ConfigurationError(f"{path}: this is no records file")
    return settings, records


def _drop_broken_end(path: Path) -> None:
    """Cuts off a last line without its end."""
    with open(path, "rb+") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)

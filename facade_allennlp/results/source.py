"""What a measurement reads, and whether it is still the same."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from facade_allennlp.errors import InputError
from facade_allennlp.scale.workers import here

HOLDING = ("model.tar.gz", "weights.th", "best.th")
"""The file that a folder stands for."""


@dataclass
class Source:
    """
    What was read: a file, or an address.

    # Parameters

    path : `str`
    sha256 : `str`, optional
        Of the content of a file.
    """

    path: str
    sha256: Optional[str] = None

    @property
    def for_workers(self) -> "Source":
        """The same, for processes that need not run in this folder."""
        return Source(os.path.abspath(self.path), self.sha256) if self.sha256 else self


def identified(location: str) -> Source:
    """A file's path and what is in it (of a folder, the archive in it), or an address."""
    path = Path(location)
    held = (path / name for name in HOLDING)
    file = next(filter(Path.is_file, (path, *held)), None)
    if file is None:
        return Source(location)
    with file.open("rb") as content:
        return Source(location, hashlib.file_digest(content, "sha256").hexdigest())


def check_seen(source: Source) -> None:
    """
    Checks that a worker sees what is meant.

    # Raises

    `InputError` : there is nothing at its path, or something else.
    """
    if source.sha256 is None:
        return
    if not Path(source.path).exists():
        raise InputError(
            f"{here()} does not see {source.path}: put it where all nodes of the cluster see it, "
            "under the same path"
        )
    if identified(source.path) != source:
        raise InputError(
            f"{here()} sees something else as {source.path}: it has to be the same on all nodes"
        )

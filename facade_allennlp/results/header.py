"""How records were made, and of which inputs there are none."""

from dataclasses import dataclass
from typing import Any, Optional

from facade_allennlp.errors import InputError
from facade_allennlp.results.checked import from_json
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.source import Source
from facade_allennlp.results.summary import VERSION, MethodLabel


@dataclass
class Header:
    """
    The first line of a records file: how its records were made.

    # Parameters

    archive, data : `Source`
    settings : `Settings`
    methods : `dict[str, MethodLabel]`
    shards : `int`, optional
        How many files hold the records, where it is not this one alone.
    """

    archive: Source
    data: Source
    settings: Settings
    methods: dict[str, MethodLabel]
    version: int = VERSION
    shards: Optional[int] = None

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


def header_from_json(entry: Any) -> Header:
    """
    # Raises

    `InputError` : it is no header, or that of another version.
    """
    if isinstance(entry, dict) and "settings" in entry and entry.get("version") != VERSION:
        raise InputError(f"it was measured by version {entry.get('version', 1)!r} of this format")
    header = from_json(Header, entry)
    if list(header.methods) != list(header.settings.methods):
        raise InputError("its methods are not those of its settings")
    if header.shards is not None and header.shards < 2:
        raise InputError(f"shards is {header.shards}, but of one file there is no number")
    return header

"""The instances that a reader makes of a file or address."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Optional

from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import cached_path
from allennlp.data import DatasetReader, Instance, Vocabulary

UNREADABLE = (KeyError, TypeError, ValueError)
"""What a reader raises at data that it does not understand."""


def read(reader: DatasetReader, data: str, limit: Optional[int] = None) -> dict[int, Instance]:
    """
    The instances of a file or address, or some of them.

    # Parameters

    reader : `DatasetReader`
    data : `str`
        A path or address.
    limit : `int`, optional
        At most so many instances, spread evenly over the file.

    # Returns

    `dict[int, Instance]` : by their number among the instances of the file.

    # Raises

    `ConfigurationError` : the reader cannot read the file, or finds no instance in it.
    """
    instances: list[Instance] = []
    try:
        instances.extend(reader.read(data))
    except UNREADABLE as error:
        raise ConfigurationError(
            f"{data}: the archive's {type(reader).__name__} cannot read "
            f"{_unreadable_line(reader, data, len(instances))} ({error!r})"
        ) from error
    if not instances:
        raise ConfigurationError(f"{data}: there is no instance to measure on")
    count = min(limit or len(instances), len(instances))
    numbers = [place * len(instances) // count for place in range(count)]
    return {number: instances[number] for number in numbers}


def index(instances: Mapping[int, Instance], vocabulary: Vocabulary, data: str) -> None:
    """
    Gives the tokens and labels of instances their numbers.

    # Raises

    `ConfigurationError` : an instance has a label, or another entry, that the vocabulary lacks.
    """
    for number, instance in instances.items():
        try:
            instance.index_fields(vocabulary)
        except KeyError as error:
            raise ConfigurationError(
                f"{data}: instance {number} does not fit the archive's vocabulary: {error.args[0]}"
            ) from None


def _unreadable_line(reader: DatasetReader, data: str, done: int) -> str:
    """
    The first line that the reader cannot read by itself, of a file of JSON Lines of which it has
    `done` instances: a line gives one at most.
    """
    path = Path(cached_path(data))
    if path.suffix == ".json":
        return "this"
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / f"line{path.suffix}"
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if number <= done:
                    continue
                alone.write_text(line, encoding="utf-8")
                try:
                    list(reader.read(str(alone)))
                except UNREADABLE:
                    return f"line {number}"
    return "this"

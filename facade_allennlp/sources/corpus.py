"""The instances that a reader makes of a file or address."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Optional, TypeVar

from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import cached_path
from allennlp.data import DatasetReader, Field, Instance, Vocabulary
from allennlp.data.fields import ListField, TextField

from facade_allennlp.errors import InputError
from facade_allennlp.lines import json_values, text_lines

UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
"""What a reader raises at data that it does not understand."""


LINES = ".jsonl"
One = TypeVar("One")
Read = Callable[[str], Iterable[Instance]]


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

    `ConfigurationError` : the reader cannot read the file, or finds no text with a token in it.
    `InputError` : the file is in another encoding than UTF-8; a line of a .jsonl file is no JSON.
    """
    instances = list(embeddable(streamed(reader.read, type(reader).__name__, data), data))
    return {number: instances[number] for number in spread(range(len(instances)), limit)}


def spread(given: Sequence[One], most: Optional[int] = None) -> list[One]:
    """At most so many of what is given, evenly over all of it."""
    count = min(most or len(given), len(given))
    return [given[place * len(given) // count] for place in range(count)]


def stream(
    reader: DatasetReader, data: str, limit: Optional[int] = None
) -> Iterator[tuple[int, Instance]]:
    """
    What `read` gives, one after another, so that not all of a large file is held at a time. With a
    `limit` it is, as the number of the file's instances has to be known.
    """
    if limit is not None:
        return iter(read(reader, data, limit).items())
    return enumerate(embeddable(streamed(reader.read, type(reader).__name__, data), data))


def lines(data: str) -> Optional[int]:
    """
    How many lines a file of JSON Lines has, which is how many instances it is likely to hold; of
    other files that is known once they are read.
    """
    if Path(data).suffix != LINES:
        return None
    return sum(1 for _ in text_lines(Path(cached_path(data))))


def embeddable(instances: Iterable[Instance], data: str) -> Iterator[Instance]:
    """
    The same instances.

    # Raises

    `ConfigurationError` : none of them has a text with a token in it.
    """
    some = False
    without: list[Instance] = []
    for instance in instances:
        some = some or is_embeddable(instance)
        if some:
            yield from without
            without.clear()
            yield instance
        else:
            without.append(instance)
    if without:
        raise ConfigurationError(f"{data}: the tokenizer leaves nothing of any text")


def streamed(read: Read, name: str, data: str) -> Iterator[Instance]:
    """
    What a reader makes of a file or address, one after another.

    # Parameters

    read : `Callable[[str], Iterable[Instance]]`
        The reader's.
    name : `str`
        Its class, for messages.

    # Raises

    `ConfigurationError` : it cannot read the file, or finds nothing in it.
    `InputError` : the file is in another encoding than UTF-8; a line of a .jsonl file is no JSON.
    """
    if Path(data).suffix == LINES:
        for _ in json_values(Path(cached_path(data)), data):
            pass
    count = 0
    try:
        for instance in read(data):
            yield instance
            count += 1
    except UNREADABLE as error:
        others = _read_lines(read, name, data, error)
        yield from others[count:]
        count = len(others)
    if not count:
        raise ConfigurationError(f"{data}: there is no instance in it")


def is_embeddable(instance: Instance) -> bool:
    """Whether each text field of an instance has a token, which a model can embed."""
    return all(text.tokens for text in text_fields(instance.fields.values()))


def text_fields(fields: Iterable[Field]) -> Iterator[TextField]:
    """The text fields among some fields, and those in lists of fields."""
    for field in fields:
        if isinstance(field, TextField):
            yield field
        elif isinstance(field, ListField):
            yield from text_fields(field.field_list)


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


def _read_lines(read: Read, name: str, data: str, error: Exception) -> list[Instance]:
    """
    Of a text without a byte order mark and without blank lines, which AllenNLP's readers of JSON
    Lines do not take.

    # Parameters

    error : `Exception`
        What the reader raised at the file as it is.

    # Raises

    `ConfigurationError` : the reader cannot read that either.
    `InputError` : the file is in another encoding than UTF-8.
    """
    path = Path(cached_path(data))
    try:
        lines = dict(text_lines(path))
    except (InputError, OSError):
        if isinstance(error, UnicodeDecodeError):
            raise
        lines = {}
    place = "this"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"lines{path.suffix}"

        def read_alone(some: Iterable[str]) -> list[Instance]:
            file.write_text("\n".join(some) + "\n", encoding="utf-8")
            return list(read(str(file)))

        if lines:
            try:
                return read_alone(lines.values())
            except UNREADABLE as again:
                error = again
        # A line of JSON Lines can be read by itself.
        for number, line in () if path.suffix == ".json" else lines.items():
            try:
                read_alone([line])
            except UNREADABLE as alone:
                error, place = alone, f"line {number}"
                break
    raise ConfigurationError(
        f"{data}: the archive's {name} cannot read {place} ({error!r})"
    ) from error

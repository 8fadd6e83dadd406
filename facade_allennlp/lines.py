"""
Lines of files that people give: UTF-8, one record a line, JSON as its standard has it. Imports
neither torch nor AllenNLP.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from facade_allennlp.errors import InputError, describe, placed

BOM = "\ufeff"
OTHER_BOMS = {b"\xff\xfe\0\0": "UTF-32", b"\0\0\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16"}
OTHER_BOMS |= {b"\xfe\xff": "UTF-16"}
DIGITS = 300
"""The most of a whole number: what it stands for still is a number with a point, too."""
PART = 2**20
"""Bytes of a file that are read at a time."""
SHOWN = 60
"""The most characters of a line that a message repeats."""


def text_lines(file: Path) -> Iterator[tuple[int, str]]:
    """
    The lines of a text in UTF-8 that are not blank, with their numbers from 1. Nothing but a line
    feed, with or without a carriage return, ends a line: U+2028 in a text is a part of it.

    # Raises

    `InputError` : the file is in another encoding.
    """
    first = 1
    with file.open("rb") as content:
        while part := content.read(PART):
            part += content.readline()  # to the end of a line, where no character is cut in two
            yield from lines_of(part, file, first)
            first += part.count(b"\n")


def lines_of(content: bytes, file: Path, first: int = 1) -> Iterator[tuple[int, str]]:
    """
    See `text_lines`.

    # Parameters

    file : `Path`
        What holds the content, for messages.
    first : `int`, optional (default = `1`)
        The number of the first line. Only the very first may have a byte order mark.
    """
    for mark, name in OTHER_BOMS.items():
        if first == 1 and content.startswith(mark):
            raise _encoded(file, f"is in {name}", name)
    if b"\0" in content:
        line = first + content.count(b"\n", 0, content.index(b"\0"))
        raise _encoded(file, f"is no text in UTF-8: line {line} holds a zero byte", "UTF-16")
    try:
        text = content.decode("utf-8-sig" if first == 1 else "utf-8")
    except UnicodeDecodeError as error:
        line = first + error.object.count(b"\n", 0, error.start)
        byte = error.object[error.start]
        message = f"is no text in UTF-8: line {line} holds the byte 0x{byte:02x}"
        raise _encoded(file, message, "LATIN1") from None
    for number, one in enumerate(text.split("\n"), start=first):
        if one.strip():
            yield number, one.removesuffix("\r")


def _encoded(file: Path, message: str, encoding: str) -> InputError:
    return InputError(
        f"{file} {message}; convert it, as in `iconv -f {encoding} -t UTF-8 {file.name} > "
        f"{file.stem}-utf8{file.suffix}`"
    )


def json_lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """
    The objects of a file of JSON Lines, with the numbers of their lines from 1; blank ones are
    skipped.

    # Raises

    `InputError` : the file is in another encoding; a line is no JSON object.
    """
    for number, line in text_lines(file):
        with placed(f"{file}: line {number}"):
            yield number, json_object(line)


def json_values(file: Path, name: str = "") -> Iterator[Any]:
    """
    What each line of a file holds, be it an object or another value.

    # Parameters

    name : `str`, optional (default = its path)
        What the file is called, for messages.

    # Raises

    `InputError` : the file is in another encoding; a line is no JSON.
    """
    for number, line in text_lines(file):
        try:
            yield strict_json(line)
        except ValueError as error:
            place = f"{name or file}: line {number}: {shortened(line)}"
            raise InputError(f"{place} is not valid JSON: {describe(error)}") from None


def json_object(text: str) -> dict[str, Any]:
    """
    A JSON object from its text.

    # Raises

    `InputError` : it is none, or not as the standard has it, see `strict_json`.
    """
    try:
        value = strict_json(text)
    except ValueError as error:
        raise InputError(f"{shortened(text)} is not valid JSON: {describe(error)}") from None
    if not isinstance(value, dict):
        raise InputError(f"{shortened(text)} is no JSON object")
    return value


def strict_json(text: str, finite: bool = True) -> Any:
    """
    What a text in JSON holds.

    >>> strict_json('{"label": NaN}')
    ValueError: NaN is no number

    # Parameters

    finite : `bool`, optional (default = `True`)
        Whether NaN and Infinity are refused, which the standard does not have, but Python writes.

    # Raises

    `ValueError` : the text is no JSON; a number is not finite, or too large; a name stands twice in
        an object; a string holds half of a character; it is nested too deeply.
    """
    constant = _refuse if finite else float
    try:
        value = json.loads(
            text,
            parse_constant=constant,
            parse_float=_finite,
            parse_int=_whole,
            object_pairs_hook=_once,
        )
        text.encode()
        if "\\u" in text:  # the only way to half of a character in a text that has none itself
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds one half of a character (a lone surrogate)") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{shortened(number)} is too large a number")
    return value


def _whole(number: str) -> int:
    if len(number) > DIGITS:
        raise ValueError(f"{shortened(number)} has too many digits")
    return int(number)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, of which each name stands for one value."""
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{shortened(twice)} stands in it twice")
    return value


def shortened(value: Any) -> str:
    """As Python writes it, cut to `SHOWN` characters."""
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."

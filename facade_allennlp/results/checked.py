"""
JSON from a file as dataclasses: each field is checked for its kind before it is believed, and what
is wrong is named by its place.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from facade_allennlp.errors import InputError, with_article

Kind = TypeVar("Kind")

Reader = Callable[[Any, str], Any]
"""From a value and its place to what it stands for."""

NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
NAMES[NoneType] = "nothing"
PLAIN = frozenset(NAMES)


def from_json(kind: type[Kind], value: Any, place: str = "") -> Kind:
    """
    An object of a dataclass from what JSON makes of it.

    >>> from_json(dict[str, int], {"films": 3})
    {'films': 3}

    # Parameters

    kind : `type`
        A dataclass, or a type of `bool`, `int`, `float`, `str`, `None`, `list`, `dict` with texts
        as keys, `Any`, unions and dataclasses.
    place : `str`
        Of the value, for messages.

    # Raises

    `InputError` : a field is missing, unknown, or of another kind.
    """
    checked: Any = kind
    return _reader(checked)(value, place)


def to_json(value: Any) -> Any:
    """What `from_json` reads. Fields that are `None` by default are left out while they are."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, list):
        # Most lists are long ones of numbers.
        return value if PLAIN.issuperset(map(type, value)) else [to_json(one) for one in value]
    if is_dataclass(value):
        return {
            field.name: to_json(inner)
            for field in fields(value)
            if (inner := getattr(value, field.name)) is not None or field.default is not None
        }
    if isinstance(value, dict):
        return {key: to_json(inner) for key, inner in value.items()}
    return value


@cache
def _reader(kind: Any) -> Reader:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda value, place: value
    if origin in (Union, UnionType):
        return _union(arguments)
    if origin is list:
        return _list(arguments[0])
    if origin is dict:
        return _dict(arguments[1])
    if is_dataclass(kind):
        return _dataclass(kind)
    return _plain(kind)


def _plain(kind: type) -> Reader:
    accepted = (int, float) if kind is float else (kind,)

    def read(value: Any, place: str) -> Any:
        # By the type itself: True is an int to Python.
        if type(value) not in accepted:
            raise _wrong(value, place, NAMES[kind])
        return float(value) if kind is float else value

    return read


def _union(kinds: tuple[Any, ...]) -> Reader:
    readers = [_reader(kind) for kind in kinds]

    def read(value: Any, place: str) -> Any:
        errors = []
        for reader in readers:
            try:
                return reader(value, place)
            except InputError as error:
                errors.append(error)
        # What is wrong inside of a value says more than that it is no number.
        raise max(errors, key=lambda error: len(str(error).split(" is ")[0]))

    return read


def _list(kind: Any) -> Reader:
    read_one = _reader(kind)
    plain = {int, float} if kind is float else {kind}

    def read(value: Any, place: str) -> Any:
        if not isinstance(value, list):
            raise _wrong(value, place, "a list")
        if set(map(type, value)) <= plain:  # most lists are long ones of numbers
            return value
        return [read_one(inner, f"{place}[{number}]") for number, inner in enumerate(value)]

    return read


def _dict(kind: Any) -> Reader:
    read_one = _reader(kind)

    def read(value: Any, place: str) -> Any:
        if not isinstance(value, dict):
            raise _wrong(value, place, "an object")
        return {key: read_one(inner, _inside(place, key)) for key, inner in value.items()}

    return read


def _dataclass(kind: Any) -> Reader:
    kinds = get_type_hints(kind)
    readers = {field.name: _reader(kinds[field.name]) for field in fields(kind)}
    needed = [
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    ]

    def read(value: Any, place: str) -> Any:
        if not isinstance(value, dict):
            raise _wrong(value, place, "an object")
        missing = [name for name in needed if name not in value]
        if missing:
            raise InputError(f"{_inside(place, missing[0])} is missing")
        unknown = [name for name in value if name not in readers]
        if unknown:
            raise InputError(
                f"{_inside(place, unknown[0])} is no field of {with_article(kind.__name__)}"
            )
        return kind(
            **{name: readers[name](inner, _inside(place, name)) for name, inner in value.items()}
        )

    return read


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _wrong(value: Any, place: str, expected: str) -> InputError:
    shown = repr(value)
    shown = shown if len(shown) <= 40 else f"{shown[:37]}..."
    return InputError(f"{place or 'it'} is {shown}, not {expected}")

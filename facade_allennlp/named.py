"""What a user names: each name once."""

from collections.abc import Iterable
from typing import TypeVar

from facade_allennlp.errors import InputError

Thing = TypeVar("Thing")


def named(pairs: Iterable[tuple[str, Thing]], kind: str) -> dict[str, Thing]:
    """
    Methods, targets, attacks, models, ... by their names, in order.

    >>> named([("gradient", "gradient"), ("ig", "integrated_gradients")], "method")
    {'gradient': 'gradient', 'ig': 'integrated_gradients'}

    # Parameters

    pairs : `Iterable[tuple[str, Thing]]`
    kind : `str`
        What is named, for the message.

    # Raises

    `InputError` : a name is empty, or is given twice.
    """
    things: dict[str, Thing] = {}
    for name, thing in pairs:
        if not name:
            raise InputError(f"a {kind} has no name: give it one, as in NAME={thing}")
        if name in things:
            other = f"{name}_2={thing}" if isinstance(thing, str) else repr(f"{name}_2")
            raise InputError(
                f"the {kind} {name!r} is given twice: give each a name of its own, as in {other}"
            )
        things[name] = thing
    return things

"""What a user names: each name once, plain where a file is called by it, and near misses told."""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Optional, TypeVar

from facade_allennlp.errors import InputError, with_article
from facade_allennlp.lines import shortened
from facade_allennlp.visible import visible

Thing = TypeVar("Thing")

FIRST, WITHIN = (".", "-", "{"), "/*?="
"""What a plain name does not begin with, and what it does not hold."""
MOST = 20
"""So many names are listed."""
LONGEST = 200
"""Bytes of a name that files are called by."""


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
            raise InputError(f"{with_article(kind)} has no name: give it one, as in NAME={thing}")
        if name in things:
            other = f"{name}_2={thing}" if isinstance(thing, str) else repr(f"{name}_2")
            raise InputError(
                f"the {kind} {name!r} is given twice: give each a name of its own, as in {other}"
            )
        things[name] = thing
    return things


def no_such(kind: str, name: str, known: Iterable[str], of: str = "") -> str:
    """
    What to say of a name that nothing has: with the one that was meant, if one is near, or else
    with those that there are.

    >>> no_such("method", "gradeint", ["gradient", "lrp"])
    "there is no method 'gradeint': did you mean 'gradient'?"

    # Parameters

    of : `str`, optional
        What has things of this kind: it stands in front.
    """
    known = list(known)
    said = f"{of} has no {kind} {name!r}" if of else f"there is no {kind} {name!r}"
    near = nearest(name, known)
    if near is not None:
        return f"{said}: did you mean {near!r}?"
    shown = [*map(repr, known[:MOST]), *(["..."] if len(known) > MOST else [])]
    return f"{said}, but {', '.join(shown)}" if known else said


def nearest(name: str, known: Iterable[str]) -> Optional[str]:
    """The one that was probably meant; `None` where none is near."""
    spelled = {one.lower().replace("-", "_"): one for one in known}
    (near, *_) = *difflib.get_close_matches(name.lower().replace("-", "_"), spelled, n=1), None
    return None if near is None else spelled[near]


def check_plain(name: str, kind: str) -> None:
    """
    Checks a name by which files are called, and which command lines and terminals show.

    # Raises

    `InputError` : it is empty or too long; it begins with what hides a file or looks like an
        option; it holds what ends a folder's name, what a shell or a command line reads otherwise,
        or what steers a terminal.
    """
    plain = name and not name.startswith(FIRST) and not any(one in name for one in WITHIN)
    if not plain or visible(name) != name or len(name.encode(errors="replace")) > LONGEST:
        raise InputError(
            f"{shortened(name)} is no name for {with_article(kind)}: it must not begin with any of "
            f"{' '.join(FIRST)} nor hold any of {' '.join(WITHIN)} or a control character, and "
            f"is at most {LONGEST} bytes long"
        )


def check_can_be_made(output: Path) -> None:
    """
    # Raises

    `InputError` : a file stands where the folder of an output should.
    """
    folder = next(parent for parent in output.absolute().parents if parent.exists())
    if not folder.is_dir():
        raise InputError(f"{folder} is a file, so that {output} cannot be written")

"""Errors that are the user's to mend, in one sentence. Imports neither torch nor AllenNLP."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

BRIEF = 300
"""The most characters of another library's error in a message."""


class InputError(ValueError):
    """
    What a user gave is wrong; the message names it and the way out. For code that runs without
    AllenNLP, where its `ConfigurationError` would take torch with it.
    """


def is_users(error: BaseException) -> bool:
    """Whether an error is the user's to mend: `InputError`, or AllenNLP's `ConfigurationError`."""
    checks = sys.modules.get("allennlp.common.checks")
    return isinstance(error, InputError) or (
        checks is not None and isinstance(error, checks.ConfigurationError)
    )


def describe(error: BaseException) -> str:
    """What went wrong, on one line."""
    return " ".join(str(getattr(error, "message", error)).split())


def with_article(name: str) -> str:
    """
    A name with `a` or `an` in front, by how it is read aloud.

    >>> with_article("AlbertModel"), with_article("LSTM"), with_article("GRU")
    ('an AlbertModel', 'an LSTM', 'a GRU')
    """
    spelled = len(name) > 1 and name[:2].isupper()  # letter by letter
    first = name[:1]
    vowel = first in "AEFHILMNORSX" if spelled else first in "AEIOaeio"
    vowel = vowel or (first in "Uu" and not spelled and name[1:2].lower() not in "ns")
    return f"{'an' if vowel else 'a'} {name}"


def brief(error: BaseException) -> str:
    """The same of another library's error, which may run over pages: not all of it."""
    text = describe(error)
    return text if len(text) <= BRIEF else text[: BRIEF - 3] + "..."


@contextmanager
def placed(place: str) -> Iterator[None]:
    """Says in a user's error where it lies, such as `input 3`, unless `place` is empty."""
    try:
        yield
    except Exception as error:
        if not place or not is_users(error):
            raise
        raise type(error)(f"{place}: {describe(error)}") from None

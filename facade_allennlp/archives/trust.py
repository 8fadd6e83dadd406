"""
Whether an archive is loaded as AllenNLP does, past the gate: the user's word that its author may
run code here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from allennlp.common.checks import ConfigurationError

OPTION = "--trust-archive"
WAY_OUT = f"if you trust whoever made it: facade ... {OPTION}"

_trusting: ContextVar[bool] = ContextVar("trusting", default=False)


class UntrustedError(ConfigurationError):
    """An archive asks for what an archive of a stranger must not have."""

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(f"{location}: refused, {reason}; {WAY_OUT}")


@contextmanager
def trusting(trust: bool = True) -> Iterator[None]:
    """
    Archives that are loaded inside are trusted: they may name any class, file and address. Of this
    thread alone, and not of processes that it starts.

    >>> with trusting():
    ...     archive = load("runs/f")
    """
    token = _trusting.set(trust)
    try:
        yield
    finally:
        _trusting.reset(token)


def is_trusting() -> bool:
    return _trusting.get()

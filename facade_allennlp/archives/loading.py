"""The archive that is being loaded, for those who are asked for something on its behalf."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from facade_allennlp.archives.trust import UntrustedError, is_trusting


@dataclass
class Loading:
    """
    # Parameters

    location : `str`
        Where the archive is, for messages.
    folder : `Path`
        Where its files are.
    trusted : `bool`
        Whether it may build what it names.
    transformers : `dict[str, Path]`
        The folder of each transformer that its components have asked for, by the name in the
        config.
    refused : `list[UntrustedError]`
        What it was refused. AllenNLP tries one kind of argument after the other, and would tell of
        the last.
    """

    location: str
    folder: Path
    trusted: bool
    transformers: dict[str, Path] = field(default_factory=dict)
    refused: list[UntrustedError] = field(default_factory=list)

    def refuse(self, reason: str) -> UntrustedError:
        """The error to raise."""
        error = UntrustedError(self.location, reason)
        self.refused.append(error)
        return error


_current: ContextVar[Optional[Loading]] = ContextVar("loading", default=None)


def current() -> Optional[Loading]:
    """The archive that this thread is loading."""
    return _current.get()


def gated() -> Optional[Loading]:
    """The same, unless the user trusts it."""
    loading = _current.get()
    return None if loading is None or loading.trusted else loading


@contextmanager
def loading(location: str, folder: Path) -> Iterator[Loading]:
    """
    What is built inside is built on behalf of an archive.

    # Parameters

    location : `str`
        Where it is, for messages.
    folder : `Path`
        Where its files are.
    """
    one = Loading(location, folder, is_trusting())
    token = _current.set(one)
    try:
        yield one
    finally:
        _current.reset(token)

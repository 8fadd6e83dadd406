"""Errors in words."""

from collections.abc import Iterator
from contextlib import contextmanager

from allennlp.common.checks import ConfigurationError


def describe(error: BaseException) -> str:
    """What went wrong, on one line."""
    message = error.message if isinstance(error, ConfigurationError) else str(error)
    return " ".join(str(message).split())


@contextmanager
def placed(place: str) -> Iterator[None]:
    """Says in a `ConfigurationError` where it lies, such as `input 3`, unless `place` is empty."""
    try:
        yield
    except ConfigurationError as error:
        where = f"{place}: " if place else ""
        raise ConfigurationError(f"{where}{error.message}") from None

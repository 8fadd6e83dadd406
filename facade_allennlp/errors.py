"""Errors in words."""

from allennlp.common.checks import ConfigurationError


def describe(error: BaseException) -> str:
    """What went wrong, on one line."""
    message = error.message if isinstance(error, ConfigurationError) else str(error)
    return " ".join(str(message).split())

"""What a predictor is asked: the texts of a request."""

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.predictors import Predictor

from facade_allennlp.lines import shortened
from facade_allennlp.tasks import Task
from facade_allennlp.web.limits import MAX_TEXT_LENGTH

OTHER_NAMES = {"passage": "context"}
"""Names by which some predictors know a field too."""


def request_fields(predictor: Predictor) -> Optional[tuple[str, ...]]:
    """The names of the texts that a predictor reads; `None` of one that no task knows."""
    kinds = Predictor._registry[Predictor]
    for task in Task.list_available():
        requests: Mapping[str, Sequence[str]] = Task.by_name(task).requests  # type: ignore[attr-defined]
        for name, fields in requests.items():
            if name in kinds and isinstance(predictor, kinds[name][0]):
                return tuple(fields)
    return None


def by_name(request: Mapping[str, Any]) -> dict[str, Any]:
    """A request with the names that tasks give the fields of predictors."""
    return {OTHER_NAMES.get(name, name): value for name, value in request.items()}


def check_request(request: Any, fields: Sequence[str]) -> None:
    """
    Checks that a request has a text for each field.

    # Raises

    `ConfigurationError` : the request is no object, lacks a field, or a field is no text or blank.
    """
    expected = ", ".join(map(repr, fields))
    if not isinstance(request, Mapping):
        raise ConfigurationError(f"an input is an object with {expected}, not {shortened(request)}")
    given = by_name(request)
    for name in fields:
        if name not in given:
            known = ", ".join(repr(name) for name in request) or "nothing"
            raise ConfigurationError(f"an input needs {expected}, but this one has {known}")
        if not isinstance(given[name], str):
            raise ConfigurationError(f"{name!r} is {shortened(given[name])}, but has to be a text")
        if not any(letter.isprintable() and not letter.isspace() for letter in given[name]):
            raise ConfigurationError(f"{name!r} is empty: give it a text")


def check_length(name: str, text: str, most: int = MAX_TEXT_LENGTH) -> None:
    """
    Checks that a text is not too long.

    # Raises

    `ConfigurationError` : the text has more characters.
    """
    if len(text) > most:
        raise ConfigurationError(
            f"{shortened(name)} has {len(text)} characters, but a text may have {most} at most"
        )

"""What a predictor is asked: the texts of a request."""

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.predictors import Predictor, TextClassifierPredictor
from allennlp_models.pair_classification.predictors import TextualEntailmentPredictor
from allennlp_models.rc.predictors import TransformerQAPredictor

from facade_allennlp.web.limits import MAX_TEXT_LENGTH

FIELDS: dict[type[Predictor], tuple[str, ...]] = {
    TextClassifierPredictor: ("sentence",),
    TextualEntailmentPredictor: ("premise", "hypothesis"),
    TransformerQAPredictor: ("question", "context"),
}
OTHER_NAMES = {"passage": "context"}
"""Names by which some predictors know a field too."""


def request_fields(predictor: Predictor) -> Optional[tuple[str, ...]]:
    """The names of the texts that a predictor reads; `None` of one that is not known here."""
    return next((names for kind, names in FIELDS.items() if isinstance(predictor, kind)), None)


def by_name(request: Mapping[str, Any]) -> dict[str, Any]:
    """With the names of `FIELDS`."""
    return {OTHER_NAMES.get(name, name): value for name, value in request.items()}


def check_request(request: Any, fields: Sequence[str]) -> None:
    """
    # Raises

    `ConfigurationError` : the request is no object, lacks a field, or a field is no text or blank.
    """
    expected = ", ".join(map(repr, fields))
    if not isinstance(request, Mapping):
        raise ConfigurationError(f"an input is an object with {expected}, not {_short(request)}")
    given = by_name(request)
    for name in fields:
        if name not in given:
            known = ", ".join(repr(name) for name in request) or "nothing"
            raise ConfigurationError(f"an input needs {expected}, but this one has {known}")
        if not isinstance(given[name], str):
            raise ConfigurationError(f"{name!r} is {_short(given[name])}, but has to be a text")
        if not any(letter.isprintable() and not letter.isspace() for letter in given[name]):
            raise ConfigurationError(f"{name!r} is empty: give it a text")


def check_length(name: str, text: str, most: int = MAX_TEXT_LENGTH) -> None:
    """
    # Raises

    `ConfigurationError` : the text has more characters.
    """
    if len(text) > most:
        raise ConfigurationError(
            f"{_short(name)} has {len(text)} characters, but a text may have {most} at most"
        )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

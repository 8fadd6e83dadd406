"""Requests are read with care before a model sees them."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.common.util import JsonDict
from allennlp.models.archival import Archive
from allennlp.predictors import Predictor

from facade_allennlp.attribution import ExplainedModel, explained_model, lock_of
from facade_allennlp.errors import describe, is_users, placed
from facade_allennlp.predictors import ExplainingPredictor
from facade_allennlp.predictors.input_reader import InputReader
from facade_allennlp.registered import registered
from facade_allennlp.web.limits import Limits
from facade_allennlp.web.request_fields import check_length


class CheckedPredictor:
    """
    Answers as a predictor does, one request at a time, and refuses what that predictor cannot read
    or what is beyond the limits.

    # Parameters

    predictor : `Predictor`
    limits : `Limits`
    """

    def __init__(self, predictor: Predictor, limits: Limits) -> None:
        self.predictor = predictor
        self.limits = limits
        explaining = isinstance(predictor, ExplainingPredictor)
        self._inputs = predictor.inputs if explaining else InputReader(predictor)
        self._explained: Optional[ExplainedModel]
        try:
            self._explained = explained_model(predictor._model, predictor._dataset_reader)
        except ConfigurationError:  # no embedding layer, so no positions either
            self._explained = None
        self._lock = lock_of(predictor._model)

    def predict_json(self, request: Any) -> JsonDict:
        """
        # Raises

        `ConfigurationError` : the request is no object, lacks a text, or has one that is empty, too
            long or no Unicode; what the predictor itself refuses.
        """
        self._check(request)
        with self._lock, self._texts_fit():
            return dict(self.predictor.predict_json(request))

    def predict_batch_json(self, requests: Any) -> list[JsonDict]:
        """
        # Raises

        `ConfigurationError` : the batch is no list, empty or too large; an input in it is not as
            for `predict_json`, which the message then names.
        """
        if not isinstance(requests, list):
            raise ConfigurationError("a batch is a list of inputs: [{...}, {...}]")
        if not 1 <= len(requests) <= self.limits.batch:
            raise ConfigurationError(
                f"a batch has 1 to {self.limits.batch} inputs, but this one has {len(requests)}"
            )
        for number, request in enumerate(requests, start=1):
            with placed(f"input {number}"):
                self._check(request)
        with self._lock, self._texts_fit():
            try:
                return list(self.predictor.predict_batch_json(requests))
            except Exception as error:
                if not is_users(error):
                    raise
                raise self._numbered(error, requests) from None

    def _numbered(self, error: Exception, requests: list[Any]) -> Exception:
        """With the number of the first input that is refused by itself too."""
        for number, request in enumerate(requests, start=1):
            try:
                self.predictor.predict_json(request)
            except Exception as alone:
                if not is_users(alone):
                    raise
                return ConfigurationError(f"input {number}: {describe(alone)}")
        return error

    @property
    def fields(self) -> Optional[tuple[str, ...]]:
        """The names of the texts that are read; `None` where they are not known."""
        return self._inputs.fields

    def _check(self, request: Any) -> None:
        for name, value in request.items() if isinstance(request, Mapping) else ():
            self._check_text(str(name), name)
            if isinstance(value, str):
                self._check_text(name, value)
        self._inputs.check(request)

    def _check_text(self, name: str, text: str) -> None:
        check_length(name, text, self.limits.text_length)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ConfigurationError(
                f"{name[:60]!r} holds one half of a character (a lone surrogate)"
            ) from None

    def _texts_fit(self) -> AbstractContextManager[None]:
        """Turns a text that is longer than the encoder's positions into a sentence."""
        return self._explained.length_checked() if self._explained else nullcontext()


def predictor_of(archive: Archive, name: str, settings: Mapping[str, Any]) -> Predictor:
    """
    # Raises

    `ConfigurationError` : there is no such predictor, or it does not take these settings.
    """
    registered(Predictor, name)
    try:
        return Predictor.from_archive(archive, name, extra_args=dict(settings))
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"these settings do not suit the predictor {name!r}: {error}"
        ) from None

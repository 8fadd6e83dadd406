"""Requests are read with care before a model sees them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.common.util import JsonDict
from allennlp.models.archival import Archive
from allennlp.predictors import Predictor

from facade_allennlp.attribution import explained_model, lock_of
from facade_allennlp.attribution.like_lengths import ON_CPU
from facade_allennlp.errors import describe, is_users, placed
from facade_allennlp.predictors import ExplainingPredictor
from facade_allennlp.predictors.input_reader import InputReader
from facade_allennlp.registered import registered
from facade_allennlp.web.limits import Limits
from facade_allennlp.web.request_fields import check_length
from facade_allennlp.web.work import Work, check_work, tokens_of


class CheckedPredictor:
    """
    Answers as a predictor does, to several threads at once: between two passes of the model one
    request gives way to the others. It refuses what that predictor cannot read, or what is beyond
    the limits.

    # Parameters

    predictor : `Predictor`
    limits : `Limits`
    """

    def __init__(self, predictor: Predictor, limits: Limits) -> None:
        self.predictor = predictor
        self.limits = limits
        self._lock = lock_of(predictor._model)
        self._at_once = ON_CPU.tokens
        self._answering: AbstractContextManager = self._lock
        if isinstance(predictor, ExplainingPredictor):
            self._inputs = predictor.inputs
            self._work = Work(predictor.explained, predictor.methods.values())
            self._at_once = predictor.explained.max_batch_tokens
            self._answering = nullcontext()  # it takes the lock for each pass
            return
        self._inputs = InputReader(predictor)
        self._work = Work(None)
        try:
            explained = explained_model(predictor._model, predictor._dataset_reader)
        except ConfigurationError:  # no embedding layer
            return
        self._at_once = explained.max_batch_tokens

    def predict_json(self, request: Any) -> JsonDict:
        """
        # Raises

        `ConfigurationError` : the request is no object, lacks a text, or has one that is empty, too
            long or no Unicode; what the predictor itself refuses.
        `TooMuchWorkError` : beyond what the limits allow for one request.
        """
        with self._lock.sharing():
            self._check(request)
            self._check_work([self._tokens_and_work(request)])
            with self._answering:
                return dict(self.predictor.predict_json(request))

    def predict_batch_json(self, requests: Any) -> list[JsonDict]:
        """
        # Raises

        `ConfigurationError` : the batch is no list, empty or too large; an input in it is not as
            for `predict_json`, which the message then names.
        `TooMuchWorkError` : beyond what the limits allow for one request.
        """
        if not isinstance(requests, list):
            raise ConfigurationError("a batch is a list of inputs: [{...}, {...}]")
        if not 1 <= len(requests) <= self.limits.batch:
            raise ConfigurationError(
                f"a batch has 1 to {self.limits.batch} inputs, but this one has {len(requests)}"
            )
        with self._lock.sharing():
            sizes = []
            for number, request in enumerate(requests, start=1):
                self._lock.give_way()
                with placed(f"input {number}"):
                    self._check(request)
                    sizes.append(self._tokens_and_work(request))
            self._check_work(sizes)
            answers: list[JsonDict] = []
            for part in self._parts([tokens for tokens, _ in sizes]):
                self._lock.give_way()
                answers += self._answers(requests[part], part.start)
        return answers

    def _parts(self, tokens: Sequence[int]) -> Iterator[slice]:
        """Of a batch, one after another, each of one pass where it has several inputs."""
        start, width = 0, 0
        for place, own in enumerate(tokens):
            width = max(width, own)
            if place > start and (place + 1 - start) * width > self._at_once:
                yield slice(start, place)
                start, width = place, own
        yield slice(start, len(tokens))

    def _answers(self, requests: list[Any], before: int) -> list[JsonDict]:
        """To a part of a batch, of which so many requests come `before`."""
        try:
            with self._answering:
                return list(self.predictor.predict_batch_json(requests))
        except Exception as error:
            if not is_users(error):
                raise
            raise self._numbered(error, requests, before) from None

    def _numbered(self, error: Exception, requests: list[Any], before: int) -> Exception:
        """With the number of the first input that is refused by itself too."""
        for number, request in enumerate(requests, start=before + 1):
            try:
                with self._answering:
                    self.predictor.predict_json(request)
            except Exception as alone:
                if not is_users(alone):
                    raise
                return ConfigurationError(f"input {number}: {describe(alone)}")
        return error

    def _tokens_and_work(self, request: Mapping[str, Any]) -> tuple[int, int]:
        """Of a predictor that reads no instances as if each letter were a token."""
        windows = self._inputs.instances(request)
        if not windows:
            letters = sum(len(value) for value in request.values() if isinstance(value, str))
            return letters, letters
        for window in windows:
            self.predictor._dataset_reader.apply_token_indexers(window)
            window.index_fields(self.predictor._model.vocab)
        return sum(map(tokens_of, windows)), self._work.of(windows)

    def _check_work(self, sizes: Sequence[tuple[int, int]]) -> None:
        work = sum(work for _, work in sizes)
        check_work(work, self.limits.work, "send shorter texts, or fewer at once")

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

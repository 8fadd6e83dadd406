"""Inputs of a predictor, read with care before a model sees them."""

from collections.abc import Mapping
from typing import Any

from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.predictors import Predictor

from facade_allennlp.errors import is_users
from facade_allennlp.lines import shortened
from facade_allennlp.sources.corpus import UNREADABLE, is_embeddable
from facade_allennlp.texts.tokens_left import TokensLeft
from facade_allennlp.web.request_fields import by_name, check_request, request_fields


class InputReader:
    """
    Reads the inputs of a predictor, and says in a sentence what is wrong with one.

    # Parameters

    predictor : `Predictor`
    """

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor
        self.fields = request_fields(predictor)
        """The names of its texts; `None` of a predictor that no task knows."""
        self._left = TokensLeft(predictor._dataset_reader)

    def check(self, request: Any) -> None:
        """
        # Raises

        `ConfigurationError` : an input is no object, or lacks a text; one is blank, or the
            tokenizer leaves nothing of it.
        """
        if self.fields is None:
            if not isinstance(request, Mapping):
                raise ConfigurationError("an input is an object: {...}")
            self.instances(request)
            return
        check_request(request, self.fields)
        given = by_name(request)
        for name in self.fields:
            if not self._left.anything(given[name]):
                raise ConfigurationError(
                    f"the tokenizer leaves nothing of {name!r}, which is "
                    f"{shortened(given[name])}: give it a text with words"
                )

    def instances(self, request: Mapping[str, Any]) -> list[Instance]:
        """
        The instances that an input is read as: several where a long passage is read in windows,
        none where the predictor reads no instances.

        # Raises

        `ConfigurationError` : the predictor cannot read the input; the tokenizer leaves nothing.
        """
        several = getattr(self.predictor, "_json_to_instances", None)
        try:
            instances = several(request) if several else [self.predictor._json_to_instance(request)]
        except NotImplementedError:
            return []
        except UNREADABLE as error:
            if self.fields is not None or is_users(error):
                raise
            if isinstance(error, KeyError):
                raise ConfigurationError(f"an input needs {error}") from None
            raise ConfigurationError("the model's predictor cannot read this input") from None
        if not all(map(is_embeddable, instances)):
            raise ConfigurationError(
                "the tokenizer leaves nothing of a text in this input: give it one with words"
            )
        return instances

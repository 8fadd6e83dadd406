"""How long a model has to work for what somebody asks."""

from collections.abc import Iterable, Sequence
from typing import Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance

from facade_allennlp.attribution import AttributionMethod, ExplainedModel
from facade_allennlp.sources.corpus import text_fields
from facade_allennlp.web.limits import TooMuchWorkError


class Work:
    """
    Tokens times passes: what a prediction and its explanations take of a model.

    >>> Work(explained, [Lime(samples=100)]).of([instance])  # of 20 tokens
    2040

    # Parameters

    explained : `ExplainedModel`, optional
    methods : `Iterable[AttributionMethod]`
    """

    def __init__(
        self, explained: Optional[ExplainedModel], methods: Iterable[AttributionMethod] = ()
    ) -> None:
        self._explained = explained
        self._methods = tuple(methods)

    def of(self, windows: Sequence[Instance]) -> int:
        """
        For one input, of which a long passage is read in several windows: all of them are
        predicted, twice where there is something to explain, and one is explained.

        # Parameters

        windows : `Sequence[Instance]`
            Indexed.
        """
        lengths = [tokens_of(window) for window in windows]
        if self._explained is None or not self._methods:
            return sum(lengths)
        longest = max(lengths, default=0)
        return 2 * sum(lengths) + longest * sum(self._passes(one, longest) for one in self._methods)

    def _passes(self, method: AttributionMethod, tokens: int) -> int:
        assert self._explained is not None
        try:
            return method.passes(self._explained, tokens)
        except ConfigurationError:  # which it says again when it is asked to explain
            return 0


def tokens_of(instance: Instance) -> int:
    """How many tokens a model is given of an indexed instance."""
    return sum(
        max(len(field), *field.get_padding_lengths().values())  # type: ignore[arg-type]
        for field in text_fields(instance.fields.values())
    )


def check_work(work: int, most: int, way_out: str) -> None:
    """
    # Raises

    `TooMuchWorkError` : the work is more than that.
    """
    if work > most:
        raise TooMuchWorkError(
            f"this takes {work:,} tokens in all passes of the model, and {most:,} are the most: "
            f"{way_out}"
        )

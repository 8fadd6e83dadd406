"""Which text of a pass each call of an encoder reads."""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from allennlp.common.checks import ConfigurationError
from torch import Tensor, nn

from facade_allennlp.anatomy import Encoder, Part
from facade_allennlp.attribution.embedded_texts import equal, same_memory
from facade_allennlp.attribution.forward_pass import EmbeddedField, ForwardPass
from facade_allennlp.attribution.module_hooks import hooked


class EncoderCalls:
    """
    Notes, while it is entered, the token ids that encoders are given.

    >>> with EncoderCalls(encoders) as calls:
    ...     forward = model.run(inputs)
    >>> calls.fields(forward, "my study")  # of one encoder that reads premise and hypothesis
    [[0, 1]]

    # Parameters

    encoders : `Sequence[Encoder]`
    """

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self._encoders = encoders
        self._calls: list[list[list[Tensor]]] = [[] for _ in encoders]
        self._handles = ExitStack()

    def __enter__(self) -> "EncoderCalls":
        for encoder, calls in zip(self._encoders, self._calls):
            looked_up: list[Tensor] = []
            read = hooked([encoder.part(Part.WORDS)], partial(_read, looked_up))
            called = hooked([encoder.part(Part.EMBEDDED)], partial(_called, looked_up, calls))
            self._handles.enter_context(read)
            self._handles.enter_context(called)
        return self

    def __exit__(self, *error: Any) -> None:
        self._handles.close()

    def fields(self, forward: ForwardPass, asker: str) -> list[list[int]]:
        """
        For each encoder, for each of its calls in turn, the place of the text among the pass's;
        none for an encoder that the model keeps without calling it.

        # Parameters

        asker : `str`
            Who wants to know, for the message.

        # Raises

        `ConfigurationError` : an encoder reads something else, such as a text that is cut
            otherwise, or the vectors of other layers.
        """
        found = [[_place(ids, forward.fields) for ids in calls] for calls in self._calls]
        for encoder, places in zip(self._encoders, found):
            if -1 in places or not any(found):
                names = [field.name for field in forward.fields]
                raise ConfigurationError(
                    f"{asker} scores the tokens of {names} where encoders read them, but a "
                    f"{type(encoder.module).__name__} of this model reads other tokens; methods "
                    "for any model are gradient, smooth_gradient and integrated_gradients"
                )
        return found


def _read(looked_up: list[Tensor], words: nn.Module, args: tuple, output: Tensor) -> None:
    looked_up.append(args[0])


def _called(
    looked_up: list[Tensor],
    calls: list[list[Tensor]],
    embeddings: nn.Module,
    args: tuple,
    output: Tensor,
) -> None:
    calls.append(list(looked_up))
    looked_up.clear()


def _place(looked_up: list[Tensor], fields: Sequence[EmbeddedField]) -> int:
    """
    The field with the very ids that a call looked up, or else one with equal ids; -1 where there is
    none.
    """
    if len(looked_up) != 1:
        return -1
    (ids,) = looked_up
    same = [place for place, field in enumerate(fields) if same_memory(field.ids, ids)]
    copied = [place for place, field in enumerate(fields) if not same and equal(field.ids, ids)]
    return next(iter((*same, *copied)), -1)

"""What an encoder's embeddings and layers gave in a pass."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from torch import Tensor, nn

from facade_allennlp.anatomy import Anatomy, Encoder, Part
from facade_allennlp.attribution.module_hooks import hooked, hooked_before


class HiddenStates:
    """
    Notes hidden states while it is entered. Gradients end at the embeddings.

    # Parameters

    encoders : `Sequence[Encoder]`
    inner : `bool`
        Whether to note those at the output of each layer, too, or of the embeddings alone.
    """

    def __init__(self, encoders: Sequence[Encoder], inner: bool) -> None:
        self._encoders = encoders
        self.depth = 1 + (max(len(encoder.layers) for encoder in encoders) if inner else 0)
        self.by_encoder: list[list[list[Tensor]]] = []
        """
        By encoder, at the output of its embeddings and at that of each layer (none where it has
        fewer than others), of each of its calls in turn. Each of shape (rows, tokens, features).
        """
        self._handles = ExitStack()

    def __enter__(self) -> "HiddenStates":
        for encoder in self._encoders:
            noted: list[list[Tensor]] = [[] for _ in range(self.depth)]
            self.by_encoder.append(noted)
            start = partial(_start, noted[0])
            self._handles.enter_context(hooked([encoder.part(Part.EMBEDDED)], start))
            for layer, at_layer in zip(encoder.layers, noted[1:]):
                note = partial(_note, encoder.anatomy, at_layer)
                self._handles.enter_context(hooked([layer.module], note))
        return self

    def __exit__(self, *error: Any) -> None:
        self._handles.close()


def _start(noted: list[Tensor], module: nn.Module, args: tuple, output: Tensor) -> Tensor:
    state = output.detach().requires_grad_()
    noted.append(state)
    return state


def _note(
    anatomy: Anatomy, noted: list[Tensor], module: nn.Module, args: tuple, output: Any
) -> None:
    noted.append(anatomy.states(output))


@contextmanager
def entering_states(encoders: Sequence[Encoder]) -> Iterator[list[dict[int, Tensor]]]:
    """
    Notes, within it, the hidden states that enter each layer, for encoders of one depth: by layer,
    then by the place of the encoder. Each of shape (rows, tokens, features).
    """
    states: list[dict[int, Tensor]] = [{} for _ in encoders[0].layers]
    with ExitStack() as handles:
        for place, encoder in enumerate(encoders):
            for layer, entered in zip(encoder.layers, states, strict=True):
                handles.enter_context(hooked_before(layer.module, partial(_enter, entered, place)))
        yield states


def _enter(entered: dict[int, Tensor], place: int, layer: nn.Module, args: tuple) -> None:
    entered[place] = args[0]

"""Self-attention in the open: with its probabilities, whatever kernel the model uses."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from torch import Tensor

from facade_allennlp.anatomy import SELF_ATTENTION, Encoder, Layer, Part
from facade_allennlp.attribution.module_hooks import shadowed
from facade_allennlp.errors import with_article

Core = Callable[[Tensor, Tensor, Tensor, Optional[Tensor]], Tensor]
"""
Query, key and value (rows, heads, tokens, features of a head) and what is added to scores (or
nothing) in, context of the first one's shape out.
"""


def layers_of(encoders: Sequence[Encoder], asker: str) -> list[Layer]:
    """
    The layers of encoders, one encoder after the other, whose attention can be opened.

    # Parameters

    asker : `str`
        Who looks into them, for the message.

    # Raises

    `ConfigurationError` : some attention is not what its encoder's anatomy knows.
    """
    layers = [layer for encoder in encoders for layer in encoder.layers]
    for layer in layers:
        kind = type(layer.attention).__name__
        if not SELF_ATTENTION.fits(layer.attention):
            raise ConfigurationError(
                f"{asker} cannot look into the attention of {with_article(kind)}: load the encoder "
                "with "
                'transformer_kwargs: {"attn_implementation": "eager"}'
            )
        for name, usual in layer.anatomy.attention.usual.items():
            value = getattr(layer.attention, name)
            if value != usual:
                raise ConfigurationError(
                    f"{asker} knows the attention of {with_article(kind)} with {name} = {usual!r}, "
                    "not with "
                    f"{value!r}"
                )
    return layers


@contextmanager
def attention_cores(layers: Sequence[Layer], core: Callable[[int], Core]) -> Iterator[None]:
    """
    Within it the attention of the n-th of `layers` computes its context by `core(n)`, without
    dropout.
    """
    forwards = [
        (layer.attention, partial(_attend, layer, core(n))) for n, layer in enumerate(layers)
    ]
    with shadowed(forwards):
        yield


def _attend(layer: Layer, core: Core, *args: Any, **kwargs: Any) -> Any:
    states, added = layer.anatomy.attention.read(layer.attention, *args, **kwargs)
    query, key, value = (
        layer.split(layer.part(part)(states)) for part in (Part.QUERY, Part.KEY, Part.VALUE)
    )
    return layer.attended(core(query, key, value, added))


def probabilities(query: Tensor, key: Tensor, mask: Optional[Tensor]) -> Tensor:
    """Softmax attention. Shape: (rows, heads, tokens, tokens), queries before keys."""
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
    return (scores if mask is None else scores + mask).softmax(dim=-1)

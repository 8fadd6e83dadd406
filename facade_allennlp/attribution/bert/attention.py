"""Self-attention in the open: with its probabilities, whatever kernel the model uses."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from torch import Tensor
from transformers.models.bert.modeling_bert import BertModel, BertSelfAttention

from facade_allennlp.attribution.bert.encoders import shadowed

Core = Callable[[Tensor, Tensor, Tensor, Optional[Tensor]], Tensor]
"""
Query, key and value (rows, heads, tokens, features of a head) and what is added to scores (or
nothing) in, context of the first one's shape out.
"""


def self_attentions(encoders: Sequence[BertModel], method: str) -> list[BertSelfAttention]:
    """
    Those of all layers, encoder by encoder.

    # Raises

    `ConfigurationError` : they are of a kind that `method` cannot look into.
    """
    found = [layer.attention.self for encoder in encoders for layer in encoder.encoder.layer]
    for attention in found:
        if not isinstance(attention, BertSelfAttention) or attention.is_decoder:
            raise ConfigurationError(
                f"{method} cannot look into the attention of a {type(attention).__name__}: load "
                'the encoder with transformer_kwargs: {"attn_implementation": "eager"}'
            )
        if attention.position_embedding_type != "absolute":
            raise ConfigurationError(
                f"{method} knows attention with absolute positions, not with "
                f"{attention.position_embedding_type!r}"
            )
    return found


@contextmanager
def attention_cores(
    attentions: Sequence[BertSelfAttention], core: Callable[[int], Core]
) -> Iterator[None]:
    """
    Within it the n-th of `attentions` computes its context by `core(n)`, without dropout.
    """
    forwards = [partial(_attend, attention, core(n)) for n, attention in enumerate(attentions)]
    with shadowed(zip(attentions, forwards)):
        yield


def _attend(
    attention: BertSelfAttention,
    core: Core,
    hidden_states: Tensor,
    attention_mask: Optional[Tensor] = None,
    head_mask: Optional[Tensor] = None,
    *others: Any,
    **more: Any,
) -> tuple[Tensor]:
    query, key, value = (
        attention.transpose_for_scores(layer(hidden_states))
        for layer in (attention.query, attention.key, attention.value)
    )
    return (core(query, key, value, attention_mask).transpose(1, 2).flatten(-2),)


def probabilities(query: Tensor, key: Tensor, mask: Optional[Tensor]) -> Tensor:
    """Softmax attention. Shape: (rows, heads, tokens, tokens), queries before keys."""
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
    return (scores if mask is None else scores + mask).softmax(dim=-1)

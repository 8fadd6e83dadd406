"""Methods that look at the attention probabilities of an encoder."""

from facade_allennlp.attribution.attention.attention_attribution import (
    AttentionAttribution,
    Connections,
    gained,
)
from facade_allennlp.attribution.attention.attention_tracing import AttentionTracing

__all__ = ["AttentionAttribution", "AttentionTracing", "Connections", "gained"]

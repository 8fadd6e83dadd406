"""Methods that look inside a BERT: relevance propagation and attention."""

from facade_allennlp.attribution.bert.attention_attribution import AttentionAttribution, Connections
from facade_allennlp.attribution.bert.attention_tracing import AttentionTracing
from facade_allennlp.attribution.bert.attn_lrp import AttnLRP
from facade_allennlp.attribution.bert.gradient_input import GradientInput
from facade_allennlp.attribution.bert.gradient_sensitivity import GradientSensitivity
from facade_allennlp.attribution.bert.lrp import LRP
from facade_allennlp.attribution.bert.relevance import RelevanceMethod

__all__ = [
    "LRP",
    "AttentionAttribution",
    "AttentionTracing",
    "AttnLRP",
    "Connections",
    "GradientInput",
    "GradientSensitivity",
    "RelevanceMethod",
]

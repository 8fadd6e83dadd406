"""Methods that pass relevance back through an encoder to the output of its embeddings."""

from facade_allennlp.attribution.relevance.attn_lrp import AttnLRP
from facade_allennlp.attribution.relevance.gradient_input import GradientInput
from facade_allennlp.attribution.relevance.gradient_sensitivity import GradientSensitivity
from facade_allennlp.attribution.relevance.literal_lrp import LiteralLRP
from facade_allennlp.attribution.relevance.lrp import LRP
from facade_allennlp.attribution.relevance.relevance_method import RelevanceMethod

__all__ = [
    "LRP",
    "AttnLRP",
    "GradientInput",
    "GradientSensitivity",
    "LiteralLRP",
    "RelevanceMethod",
]

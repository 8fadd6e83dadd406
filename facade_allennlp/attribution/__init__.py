"""The one engine that computes token scores: no AllenNLP I/O, no files."""

from facade_allennlp.attribution.attribution import Attribution, FieldTokens, normalize, target_mask
from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.gradient import Gradient
from facade_allennlp.attribution.gradient_method import GradientMethod, attribute_with_graph
from facade_allennlp.attribution.integrated_gradients import IntegratedGradients
from facade_allennlp.attribution.smooth_gradient import SmoothGradient
from facade_allennlp.attribution.target_scores import TargetScores, on_target

__all__ = [
    "Attribution",
    "AttributionMethod",
    "ExplainedModel",
    "FieldTokens",
    "Gradient",
    "GradientMethod",
    "IntegratedGradients",
    "SmoothGradient",
    "TargetScores",
    "attribute_with_graph",
    "normalize",
    "on_target",
    "target_mask",
]

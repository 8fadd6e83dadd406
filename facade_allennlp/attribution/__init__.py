"""The one engine that computes token scores: no AllenNLP I/O, no files."""

from facade_allennlp.attribution.attention import (
    AttentionAttribution,
    AttentionTracing,
    Connections,
)
from facade_allennlp.attribution.attribution import Attribution, FieldTokens, target_mask
from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.baselines import Baseline
from facade_allennlp.attribution.by_captum import (
    DeepLift,
    FeatureAblation,
    GradientShap,
    KernelShap,
    LayerIntegratedGradients,
    Lime,
)
from facade_allennlp.attribution.exchange import Exchange
from facade_allennlp.attribution.explained_archive import explained_archive, explained_model
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.gradient import Gradient
from facade_allennlp.attribution.gradient_method import GradientMethod, attribute_with_graph
from facade_allennlp.attribution.integrated_gradients import IntegratedGradients
from facade_allennlp.attribution.lock import lock_of
from facade_allennlp.attribution.relevance import (
    LRP,
    AttnLRP,
    GradientInput,
    GradientSensitivity,
    LiteralLRP,
    RelevanceMethod,
)
from facade_allennlp.attribution.smooth_gradient import SmoothGradient
from facade_allennlp.attribution.target_scores import on_target
from facade_allennlp.scores.attribution import TargetScores, normalize

__all__ = [
    "LRP",
    "AttentionAttribution",
    "AttentionTracing",
    "AttnLRP",
    "Attribution",
    "AttributionMethod",
    "Baseline",
    "Connections",
    "DeepLift",
    "Exchange",
    "ExplainedModel",
    "FeatureAblation",
    "FieldTokens",
    "Gradient",
    "GradientInput",
    "GradientMethod",
    "GradientSensitivity",
    "GradientShap",
    "IntegratedGradients",
    "KernelShap",
    "LayerIntegratedGradients",
    "Lime",
    "LiteralLRP",
    "RelevanceMethod",
    "SmoothGradient",
    "TargetScores",
    "attribute_with_graph",
    "explained_archive",
    "explained_model",
    "lock_of",
    "normalize",
    "on_target",
    "target_mask",
]

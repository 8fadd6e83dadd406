"""Captum's methods behind the same verb."""

from facade_allennlp.attribution.by_captum.captum_method import CaptumMethod
from facade_allennlp.attribution.by_captum.deep_lift import DeepLift
from facade_allennlp.attribution.by_captum.feature_ablation import FeatureAblation
from facade_allennlp.attribution.by_captum.gradient_shap import GradientShap
from facade_allennlp.attribution.by_captum.layer_integrated_gradients import (
    LayerIntegratedGradients,
)
from facade_allennlp.attribution.by_captum.surrogates import KernelShap, Lime

__all__ = [
    "CaptumMethod",
    "DeepLift",
    "FeatureAblation",
    "GradientShap",
    "KernelShap",
    "LayerIntegratedGradients",
    "Lime",
]

"""Predictors."""

from facade_allennlp.predictors.entailment import EntailmentPredictor
from facade_allennlp.predictors.models_own import ModelsOwnPredictor

__all__ = ["EntailmentPredictor", "ModelsOwnPredictor"]

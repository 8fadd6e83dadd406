"""Predictors."""

from facade_allennlp.predictors.models_own import ModelsOwnPredictor

__all__ = ["ModelsOwnPredictor"]

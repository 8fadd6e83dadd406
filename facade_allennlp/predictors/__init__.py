"""Predictors."""

from facade_allennlp.predictors.entailment import EntailmentPredictor
from facade_allennlp.predictors.explaining import ExplainingPredictor
from facade_allennlp.predictors.labelled_texts import (
    NumberPredictor,
    SeveralLabelsPredictor,
    TokenLabelsPredictor,
)
from facade_allennlp.predictors.models_own import ModelsOwnPredictor

__all__ = [
    "EntailmentPredictor",
    "ExplainingPredictor",
    "ModelsOwnPredictor",
    "NumberPredictor",
    "SeveralLabelsPredictor",
    "TokenLabelsPredictor",
]

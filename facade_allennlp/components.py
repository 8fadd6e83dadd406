"""Registers with AllenNLP all that a config or an archive may name."""

from facade_allennlp import (
    attacks,
    attribution,
    interpret,
    models,
    predictors,
    sources,
    targets,
    training,
)

__all__ = [
    "attacks",
    "attribution",
    "interpret",
    "models",
    "predictors",
    "sources",
    "targets",
    "training",
]

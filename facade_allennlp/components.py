"""Registers with AllenNLP all that a config or an archive may name."""

from facade_allennlp import (
    archives,
    attacks,
    attribution,
    audit,
    interpret,
    models,
    predictors,
    readers,
    sources,
    targets,
    training,
)

__all__ = [
    "archives",
    "attacks",
    "attribution",
    "audit",
    "interpret",
    "models",
    "predictors",
    "readers",
    "sources",
    "targets",
    "training",
]

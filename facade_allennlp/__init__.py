"""Show, measure and detect when gradient explanations of NLP models lie: an AllenNLP plugin."""

from facade_allennlp import (
    archives,
    attacks,
    attribution,
    commands,
    interpret,
    models,
    predictors,
    sources,
    targets,
    training,
)

__all__ = [
    "archives",
    "attacks",
    "attribution",
    "commands",
    "interpret",
    "models",
    "predictors",
    "sources",
    "targets",
    "training",
]
__version__ = "0.1.0"

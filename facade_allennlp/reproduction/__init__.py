"""Whole experiments: from training to the paper's tables and figures."""

from facade_allennlp.reproduction.experiment import (
    Construction,
    Experiment,
    Measurement,
    Merging,
    Study,
    Training,
)
from facade_allennlp.reproduction.population import Population
from facade_allennlp.reproduction.run import reproduce

__all__ = [
    "Construction",
    "Experiment",
    "Measurement",
    "Merging",
    "Population",
    "Study",
    "Training",
    "reproduce",
]

"""Whole experiments: from training to the paper's tables and figures."""

from facade_allennlp.reproduction.experiment import (
    Construction,
    Experiment,
    Measurement,
    Merging,
    Training,
)
from facade_allennlp.reproduction.run import reproduce

__all__ = ["Construction", "Experiment", "Measurement", "Merging", "Training", "reproduce"]

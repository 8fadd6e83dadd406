"""Whole experiments: from training to the paper's tables and figures."""

from facade_allennlp.reproduction.experiment import Experiment, Measurement, Training
from facade_allennlp.reproduction.run import reproduce

__all__ = ["Experiment", "Measurement", "Training", "reproduce"]

"""Callbacks for AllenNLP's trainer."""

from facade_allennlp.training.exact_resume import ExactResume, allow_numpy_numbers
from facade_allennlp.training.log_attribution import LogAttribution

__all__ = ["ExactResume", "LogAttribution"]

allow_numpy_numbers()

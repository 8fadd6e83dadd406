"""Callbacks for AllenNLP's trainer."""

from facade_allennlp.training.exact_resume import ExactResume
from facade_allennlp.training.log_attribution import LogAttribution
from facade_allennlp.training.resume import allow_numpy_numbers

__all__ = ["ExactResume", "LogAttribution"]

allow_numpy_numbers()

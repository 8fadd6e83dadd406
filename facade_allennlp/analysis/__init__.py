"""Corpus-level measurement: records of each input, and summaries of them."""

from facade_allennlp.analysis.analysis import Analysis, MeasuredBatch
from facade_allennlp.analysis.attacked import Attacked
from facade_allennlp.analysis.erasing import Erasing
from facade_allennlp.analysis.likeness import LikenessOfExplanations
from facade_allennlp.analysis.measurement import Measurement
from facade_allennlp.analysis.saliency import Saliency
from facade_allennlp.analysis.timing import Timing

__all__ = [
    "Analysis",
    "Attacked",
    "Erasing",
    "LikenessOfExplanations",
    "MeasuredBatch",
    "Measurement",
    "Saliency",
    "Timing",
]

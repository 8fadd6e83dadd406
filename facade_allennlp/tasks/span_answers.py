"""Answers that are spans of a text: the official SQuAD scores, over questions."""

from collections.abc import Sequence
from typing import Any


def exact_match(prediction: str, answers: Sequence[str]) -> bool:
    """Whether the prediction is one of the answers, but for case, articles and punctuation."""
    return bool(_best_of("compute_exact", prediction, answers))


def f1(prediction: str, answers: Sequence[str]) -> float:
    """The overlap in words with the nearest of the answers, from 0 to 1."""
    return float(_best_of("compute_f1", prediction, answers))


def _best_of(metric: str, prediction: str, answers: Sequence[str]) -> Any:
    from allennlp_models.rc.tools import squad  # slow to import

    return squad.metric_max_over_ground_truths(getattr(squad, metric), prediction, list(answers))

from torch import Tensor

from facade_allennlp.attribution.attribution import Attribution
from facade_allennlp.scores import attribution as scores
from facade_allennlp.scores.attribution import TargetScores


def on_target(attribution: Attribution, targets: Tensor) -> TargetScores:
    """
    How far each input of a batch is explained by its target tokens.

    # Parameters

    attribution : `Attribution`
    targets : `Tensor`
        True for target tokens. Shape: (batch, tokens).
    """
    return scores.on_target(attribution.normalized, targets)

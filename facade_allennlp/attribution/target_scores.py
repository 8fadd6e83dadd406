from dataclasses import dataclass

from torch import Tensor

from facade_allennlp.attribution.attribution import Attribution


@dataclass
class TargetScores:
    """
    How far each input of a batch is explained by its target tokens. Inputs without a target token
    have no such score, and are left out of P@1 and mean attribution. All of shape (batch,).

    # Parameters

    attribution : `Tensor`
        The summed attribution of the target tokens.
    hit : `Tensor`
        Whether the token with the highest attribution is a target (its mean is P@1).
    has_target : `Tensor`
    """

    attribution: Tensor
    hit: Tensor
    has_target: Tensor


def on_target(attribution: Attribution, targets: Tensor) -> TargetScores:
    """
    # Parameters

    attribution : `Attribution`
    targets : `Tensor`
        True for target tokens. Shape: (batch, tokens).
    """
    scores = attribution.normalized
    highest = scores.argmax(dim=-1, keepdim=True)
    return TargetScores(
        attribution=(scores * targets).sum(dim=-1),
        # Without any attribution (zero gradients) no token is the highest.
        hit=targets.gather(-1, highest).squeeze(-1) & (scores.sum(dim=-1) > 0),
        has_target=targets.any(dim=-1),
    )

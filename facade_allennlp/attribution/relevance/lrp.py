from torch import Tensor, nn

from facade_allennlp.anatomy import ACTIVATION, Kind, Part
from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.relevance.composite import Composite, Refusal, Rule
from facade_allennlp.attribution.relevance.relevance_method import RelevanceMethod
from facade_allennlp.attribution.relevance.residual_branch import (
    BranchAttention,
    BranchEnd,
    BranchMiddle,
    BranchStart,
)
from facade_allennlp.attribution.relevance.rules import AlphaBeta, Unchanged
from facade_allennlp.number import number


def rules_of_kinds(linear: Rule) -> dict[Kind, Rule]:
    """Where all layers of a kind have one rule, the rule of each kind; some kinds have none."""
    return {
        nn.Linear: linear,
        ACTIVATION: Unchanged(),
        nn.RNNBase: Refusal(),
        nn.Conv1d: Refusal(),
    }


@AttributionMethod.register("lrp")
class LRP(RelevanceMethod):
    """
    Layer-wise relevance propagation as the published code of Wu & Ong 2020 computes it. Linear
    layers pass relevance on by the αβ-rule, then take its magnitude, rescaled so that each token
    keeps the sum of what came for it; activation functions pass it on unchanged. The input of a
    residual block gets the Jacobian of the whole block times the relevance of its output, and what
    comes back through the block's branch by these rules besides; in the branch, softmax attention
    passes relevance on by its Jacobian. A token's score is the sum of its relevances' magnitudes.

    `literal_lrp` goes by the text of the paper instead.

    # Parameters

    alpha : `float`, optional (default = `0.5`)
        The weight of positive contributions; β = 1 - α is that of negative ones.

    # Raises

    `ConfigurationError` : α is not between 0 and 1.
    """

    title = "LRP"
    in_half_precision = True

    def __init__(self, alpha: float = 0.5) -> None:
        self.alpha = number("alpha", alpha, least=0, most=1)
        linear = AlphaBeta(self.alpha)
        start, end = BranchStart(linear), BranchEnd(linear)
        self.composite = Composite(
            rules_of_kinds(linear),
            part_rules={
                Part.QUERY: start,
                Part.KEY: start,
                Part.VALUE: start,
                Part.ATTENTION_OUTPUT: end,
                Part.INTERMEDIATE: start,
                Part.ACTIVATION: BranchMiddle(Unchanged()),
                Part.OUTPUT: end,
            },
            attention=BranchAttention(),
        )

    def score(self, states: Tensor, relevance: Tensor) -> Tensor:
        return relevance.abs().sum(dim=-1)

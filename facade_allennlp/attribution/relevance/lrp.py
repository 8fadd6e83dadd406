from allennlp.common.checks import ConfigurationError
from torch import Tensor, nn

from facade_allennlp.anatomy import ACTIVATION
from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.relevance.composite import Composite, Refusal
from facade_allennlp.attribution.relevance.relevance_method import RelevanceMethod
from facade_allennlp.attribution.relevance.rules import AlphaBeta, FullJacobian, Unchanged

ATTENTION = ("quick", "jacobian")


@AttributionMethod.register("lrp")
class LRP(RelevanceMethod):
    """
    Layer-wise relevance propagation (Wu & Ong 2020, section 3.3): the αβ-rule through linear
    layers, then the magnitude, rescaled to the sum of what came; activation functions pass
    relevance on unchanged; residual connections, layer norms and attention pass it on by their
    Jacobian. A token's score is the sum of its relevances' magnitudes.

    # Parameters

    alpha : `float`, optional (default = `0.5`)
        The weight of positive contributions; β = 1 - α is that of negative ones.
    attention : `str`, optional (default = `"quick"`)
        `quick`: the vector-Jacobian product of softmax attention; `jacobian`: the αβ-rule on each
        entry of its Jacobian times the input.

    # Raises

    `ConfigurationError` : α is not between 0 and 1, or an unknown rule for attention.
    """

    title = "LRP"

    def __init__(self, alpha: float = 0.5, attention: str = "quick") -> None:
        if not 0 <= alpha <= 1:
            raise ConfigurationError(f"alpha is {alpha}, but must be between 0 and 1")
        if attention not in ATTENTION:
            raise ConfigurationError(f"attention is {attention!r}, but must be one of {ATTENTION}")
        self.composite = Composite(
            {nn.Linear: AlphaBeta(alpha), ACTIVATION: Unchanged(), nn.RNNBase: Refusal()},
            attention=FullJacobian(alpha) if attention == "jacobian" else None,
        )

    def score(self, states: Tensor, relevance: Tensor) -> Tensor:
        return relevance.abs().sum(dim=-1)

from allennlp.common.checks import ConfigurationError

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.relevance.composite import Composite
from facade_allennlp.attribution.relevance.lrp import LRP, rules_of_kinds
from facade_allennlp.attribution.relevance.rules import AlphaBeta, FullJacobian
from facade_allennlp.number import number

ATTENTION = ("quick", "jacobian")


@AttributionMethod.register("literal_lrp")
class LiteralLRP(LRP):
    """
    Layer-wise relevance propagation by the text of Wu & Ong 2020 (section 3.3), which is not what
    their code computes (`lrp`). The αβ-rule through linear layers, then the magnitude, rescaled so
    that each input keeps the sum of what came; activation functions pass relevance on unchanged;
    residual connections, layer norms and attention pass it on by their Jacobian, each connection
    by itself. A token's score is the sum of its relevances' magnitudes.

    As the Jacobian of a layer norm sums to zero, next to nothing is left for attention and
    feed-forward layers: relevance stays on the residual connections.

    # Parameters

    alpha : `float`, optional (default = `0.5`)
        The weight of positive contributions; β = 1 - α is that of negative ones.
    attention : `str`, optional (default = `"quick"`)
        `quick`: the vector-Jacobian product of softmax attention; `jacobian`: the αβ-rule on each
        entry of its Jacobian times the input.

    # Raises

    `ConfigurationError` : α is not between 0 and 1, or an unknown rule for attention.
    """

    title = "LRP, literal"
    in_half_precision = False  # was not measured

    def __init__(self, alpha: float = 0.5, attention: str = "quick") -> None:
        self.alpha = number("alpha", alpha, least=0, most=1)
        if attention not in ATTENTION:
            raise ConfigurationError(f"attention is {attention!r}, but must be one of {ATTENTION}")
        self.composite = Composite(
            rules_of_kinds(AlphaBeta(alpha, whole_inputs=True)),
            attention=FullJacobian(alpha) if attention == "jacobian" else None,
        )

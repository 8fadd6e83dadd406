from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from allennlp.common.checks import ConfigurationError
from torch import Tensor, nn
from transformers.models.bert.modeling_bert import BertModel

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.bert.attention import attention_cores, self_attentions
from facade_allennlp.attribution.bert.encoders import activations, hooked, refuse_recurrent
from facade_allennlp.attribution.bert.relevance import RelevanceMethod
from facade_allennlp.attribution.bert.relevance_rules import AlphaBetaRule, JacobianRule, PassedTo
from facade_allennlp.attribution.explained_model import ExplainedModel

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

    def __init__(self, alpha: float = 0.5, attention: str = "quick") -> None:
        if not 0 <= alpha <= 1:
            raise ConfigurationError(f"alpha is {alpha}, but must be between 0 and 1")
        if attention not in ATTENTION:
            raise ConfigurationError(f"attention is {attention!r}, but must be one of {ATTENTION}")
        self.alpha = alpha
        self.attention = attention

    @contextmanager
    def rules(
        self, model: ExplainedModel, encoders: Sequence[BertModel], rows: int
    ) -> Iterator[None]:
        refuse_recurrent(model, self.name)

        def linear(layer: Any, args: tuple, output: Tensor) -> Tensor:
            parameters = (layer.weight, layer.bias, self.alpha, rows)
            return AlphaBetaRule.apply(args[0], output, *parameters)

        def activation(layer: nn.Module, args: tuple, output: Tensor) -> Tensor:
            return PassedTo.apply(args[0], output)

        linears = [m for m in model.model.modules() if isinstance(m, nn.Linear)]
        with ExitStack() as stack:
            stack.enter_context(hooked(linears, linear))
            stack.enter_context(hooked(activations(model), activation))
            if self.attention == "jacobian":

                def core(query: Tensor, key: Tensor, value: Tensor, mask: Any) -> Tensor:
                    return JacobianRule.apply(query, key, value, mask, self.alpha)

                attentions = self_attentions(encoders, self.name)
                stack.enter_context(attention_cores(attentions, lambda place: core))
            yield

    def score(self, states: Tensor, relevance: Tensor) -> Tensor:
        return relevance.abs().sum(dim=-1)

from difflib import get_close_matches
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from captum.attr import IntegratedGradients as CaptumIntegratedGradients
from captum.attr import LayerIntegratedGradients as CaptumLayerIntegratedGradients
from torch import Tensor, nn

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.baselines import Baseline
from facade_allennlp.attribution.by_captum.captum_method import (
    CaptumInputs,
    CaptumMethod,
    OnEmbeddings,
    TokenScores,
)
from facade_allennlp.attribution.path import MOST_POINTS
from facade_allennlp.number import number


class InTurn(CaptumIntegratedGradients):
    """
    Captum's method, but others may have the model between its passes: there no layer of the model
    has Captum's hook.

    # Parameters

    function : `OnEmbeddings`
    """

    def __init__(self, function: OnEmbeddings) -> None:
        super().__init__(function)
        self._lock = function.explained[0].lock

    def _attribute(self, *arguments: Any, **settings: Any) -> tuple[Tensor, ...]:
        self._lock.give_way()
        return super()._attribute(*arguments, **settings)


@AttributionMethod.register("layer_integrated_gradients")
class LayerIntegratedGradients(CaptumMethod):
    """
    Integrated gradients (Sundararajan et al. 2017) of the class's logit by Captum, at the output of
    any layer that has one vector per token.

    # Parameters

    layer : `str`, optional (default = the word embeddings)
        The name of a module in the model, as `named_modules` gives it.
    steps : `int`, optional (default = `50`)
    rule : `str`, optional (default = `"gausslegendre"`)
        Captum's name of the approximation of the integral.
    baseline : `Baseline`, optional (default = zero)
        Where the way of the word embeddings begins; that of a layer begins at what they give there.

    # Raises

    `ConfigurationError` : fewer than one step, or than two by a rule other than
        `gausslegendre`; a rule that Captum does not know.
    """

    title = "InteGrad of the logit"
    RULES = (
        "gausslegendre",
        "riemann_left",
        "riemann_right",
        "riemann_middle",
        "riemann_trapezoid",
    )

    def __init__(
        self,
        layer: Optional[str] = None,
        steps: int = 50,
        rule: str = "gausslegendre",
        baseline: Optional[Baseline] = None,
    ) -> None:
        super().__init__(baseline)
        if rule not in self.RULES:
            raise ConfigurationError(f"rule is {rule!r}, but must be one of {list(self.RULES)}")
        self.layer = layer
        # Captum's Riemann sums do not take one step.
        least = 1 if rule == "gausslegendre" else 2
        name = f"steps of {self.name} by {rule}"
        self.steps = number(name, steps, least=least, most=MOST_POINTS, whole=True)
        self.rule = rule

    def rows_per_input(self, tokens: int) -> int:
        return self.steps

    def call(self, given: CaptumInputs) -> TokenScores:
        in_turn = InTurn(given.function)
        method: Any = in_turn
        if self.layer is not None:
            method = CaptumLayerIntegratedGradients(
                given.function, self._layer(given.function.model)
            )
            method.ig = in_turn
        scores, delta = method.attribute(
            **given.arguments,
            n_steps=self.steps,
            method=self.rule,
            internal_batch_size=given.rows,
            return_convergence_delta=True,
        )
        return TokenScores.summed(_of_fields(scores), delta)

    def _layer(self, model: nn.Module) -> nn.Module:
        layers = dict(model.named_modules())
        if self.layer not in layers:
            alike = get_close_matches(str(self.layer), layers, n=3, cutoff=0)
            raise ConfigurationError(
                f"{type(model).__name__} has no layer {self.layer!r}; the likest are {alike}"
            )
        return layers[self.layer]


def _of_fields(scores: Any) -> tuple[Tensor, ...]:
    """One tensor, or those of a layer that gives several, of which the first are its states."""
    return scores if isinstance(scores, tuple) else (scores,)

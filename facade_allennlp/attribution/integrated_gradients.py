import numpy
import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.gradient_method import GradientMethod

RULES = ("left", "middle", "right", "gauss_legendre")


@AttributionMethod.register("integrated_gradients")
class IntegratedGradients(GradientMethod):
    """
    Integrated gradients (Sundararajan et al. 2017) from the zero embedding, times input.

    # Parameters

    steps : `int`, optional (default = `10`)
        Points of the approximation of the integral.
    rule : `str`, optional (default = `"left"`)
        Where the points lie: `left` (0, 1/n, ..., as AllenNLP and the paper's numbers), `middle`,
        `right`, or `gauss_legendre` (as Captum).

    # Raises

    `ConfigurationError` : fewer than one step, or an unknown rule.
    """

    def __init__(self, steps: int = 10, rule: str = "left") -> None:
        if steps < 1:
            raise ConfigurationError(f"integrated_gradients needs steps >= 1, not {steps}")
        if rule not in RULES:
            raise ConfigurationError(f"rule is {rule!r}, but must be one of {list(RULES)}")
        if rule == "gauss_legendre":
            nodes, weights = numpy.polynomial.legendre.leggauss(steps)
            nodes, weights = (nodes + 1) / 2, weights / 2
        else:
            shift = {"left": 0.0, "middle": 0.5, "right": 1.0}[rule]
            nodes, weights = (numpy.arange(steps) + shift) / steps, numpy.full(steps, 1 / steps)
        self.alphas = torch.tensor(nodes, dtype=torch.float64)
        self._weights = [float(weight) for weight in weights]

    @property
    def weights(self) -> list[float]:
        return self._weights

    def perturb(self, embeddings: Tensor, mask: Tensor, points: Tensor) -> Tensor:
        return embeddings * self.alphas.to(embeddings)[points].view(-1, 1, 1)

    def surrogate(self) -> "RandomPathPoint":
        return RandomPathPoint()


class RandomPathPoint(GradientMethod):
    """One point on the path of integrated gradients, drawn anew for each row."""

    weights = (1.0,)

    def perturb(self, embeddings: Tensor, mask: Tensor, points: Tensor) -> Tensor:
        alphas = torch.rand(len(embeddings), 1, 1, device=embeddings.device)
        return embeddings * alphas.to(embeddings.dtype)

from typing import Optional

import torch
from torch import Tensor

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.baselines import Baseline, Zero
from facade_allennlp.attribution.gradient_method import GradientMethod
from facade_allennlp.attribution.path import path_points


@AttributionMethod.register("integrated_gradients")
class IntegratedGradients(GradientMethod):
    """
    Integrated gradients (Sundararajan et al. 2017): the mean gradient on the straight way from a
    baseline to the input, times what the input differs from it.

    # Parameters

    steps : `int`, optional (default = `10`)
        Points of the approximation of the integral.
    rule : `str`, optional (default = `"left"`)
        Where the points lie: `left` (0, 1/n, ..., as AllenNLP and the paper's numbers), `middle`,
        `right`, or `gauss_legendre` (as Captum).
    baseline : `Baseline`, optional (default = zero)
        Where the way begins.

    # Raises

    `ConfigurationError` : fewer than one step, or an unknown rule.
    """

    title = "InteGrad"
    in_half_precision = True

    def __init__(
        self, steps: int = 10, rule: str = "left", baseline: Optional[Baseline] = None
    ) -> None:
        self.baseline = baseline or Zero()
        alphas, self.weights = path_points(steps, rule, "integrated_gradients")
        self.alphas = torch.tensor(alphas, dtype=torch.float64)

    def perturb(
        self, embeddings: Tensor, mask: Tensor, points: Tensor, reference: Tensor
    ) -> Tensor:
        alphas = self.alphas.to(embeddings)[points].view(-1, 1, 1)
        return reference + alphas * (embeddings - reference)

    def surrogate(self) -> "RandomPathPoint":
        return RandomPathPoint(self.baseline)


class RandomPathPoint(GradientMethod):
    """One point on the path of integrated gradients, drawn anew for each row."""

    weights = (1.0,)

    def __init__(self, baseline: Baseline) -> None:
        self.baseline = baseline

    def perturb(
        self, embeddings: Tensor, mask: Tensor, points: Tensor, reference: Tensor
    ) -> Tensor:
        alphas = torch.rand(len(embeddings), 1, 1, device=embeddings.device)
        return reference + alphas.to(embeddings.dtype) * (embeddings - reference)

from typing import Optional

from torch import Tensor

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.baselines import Baseline, Zero
from facade_allennlp.attribution.gradient_method import GradientMethod


@AttributionMethod.register("gradient")
class Gradient(GradientMethod):
    """
    Gradient × input at the input itself: eq. 1 of Wang et al. 2020. AllenNLP 2.10.1 means the same
    by `simple-gradient`, but multiplies every token's gradient by the first token's embedding.

    # Parameters

    baseline : `Baseline`, optional (default = zero)
        With another, the gradient is multiplied by what the input differs from it.
    """

    title = "Gradient"
    in_half_precision = True
    at_input = True
    weights = (1.0,)

    def __init__(self, baseline: Optional[Baseline] = None) -> None:
        self.baseline = baseline or Zero()

    def perturb(
        self, embeddings: Tensor, mask: Tensor, points: Tensor, reference: Tensor
    ) -> Tensor:
        return embeddings

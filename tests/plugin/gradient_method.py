"""A gradient method: the gradient half-way between nothing and the input."""

from torch import Tensor

from facade_allennlp.attribution import AttributionMethod, GradientMethod


@AttributionMethod.register("midpoint")
class Midpoint(GradientMethod):
    """Integrated gradients with the one point in the middle of their path."""

    title = "Midpoint"
    weights = (1.0,)

    def perturb(
        self, embeddings: Tensor, mask: Tensor, points: Tensor, reference: Tensor
    ) -> Tensor:
        return embeddings / 2

from torch import Tensor

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.relevance.relevance_method import RelevanceMethod


@AttributionMethod.register("gradient_sensitivity")
class GradientSensitivity(RelevanceMethod):
    """
    Gradient sensitivity (GS in Wu & Ong 2020): the squared L2 norm of the gradient of the class's
    logit, times that logit, at the output of the embeddings.
    """

    title = "Gradient sensitivity"

    def score(self, states: Tensor, relevance: Tensor) -> Tensor:
        return relevance.square().sum(dim=-1)

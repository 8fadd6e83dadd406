from torch import Tensor

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.relevance.relevance_method import RelevanceMethod


@AttributionMethod.register("gradient_input")
class GradientInput(RelevanceMethod):
    """
    Gradient × input of the class's logit (GI in Wu & Ong 2020), at the output of the embeddings:
    unlike `gradient`, which explains the loss at the word embeddings, it counts positions and
    segments too. Summed over features, so that it has a sign; the paper's code takes the squared
    norm.
    """

    title = "Gradient × input"
    towards = 1
    from_logit = False

    def score(self, states: Tensor, relevance: Tensor) -> Tensor:
        return (states * relevance).sum(dim=-1)

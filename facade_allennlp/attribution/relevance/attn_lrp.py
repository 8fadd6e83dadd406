from torch import Tensor, nn

from facade_allennlp.anatomy import ACTIVATION, SELF_CENTRING_NORM, Part
from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.relevance.composite import Composite, Refusal
from facade_allennlp.attribution.relevance.relevance_method import RelevanceMethod
from facade_allennlp.attribution.relevance.rules import ConstantScale, Quotient, Share


def layer_norm(layer: nn.LayerNorm, input: Tensor) -> tuple[Tensor, Tensor]:
    """The input minus its mean, and 1 over its deviation. The latter of shape (..., 1)."""
    centred = input - input.mean(dim=-1, keepdim=True)
    return centred, (centred.square().mean(dim=-1, keepdim=True) + layer.eps).rsqrt()


@AttributionMethod.register("attn_lrp")
class AttnLRP(RelevanceMethod):
    """
    AttnLRP (Achtibat et al. 2024): layer norms and activation functions pass relevance on by the
    identity rule, each matrix product of attention splits it evenly between its factors, softmax by
    its gradient × input. Relevance is state × modified gradient, which one backward pass gives;
    only biases and softmax keep some for themselves.
    """

    title = "AttnLRP"
    in_half_precision = True
    towards = 1
    from_logit = False

    composite = Composite(
        {
            ACTIVATION: Quotient(),
            nn.LayerNorm: ConstantScale(layer_norm),
            SELF_CENTRING_NORM: ConstantScale(lambda layer, input: layer.centred_and_scale(input)),
            nn.RNNBase: Refusal(),
        },
        # a score is a product of query and key, and the context one of the score and the value
        part_rules={Part.QUERY: Share(1 / 4), Part.KEY: Share(1 / 4), Part.VALUE: Share(1 / 2)},
    )

    def score(self, states: Tensor, relevance: Tensor) -> Tensor:
        return (states * relevance).sum(dim=-1)

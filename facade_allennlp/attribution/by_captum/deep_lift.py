from captum.attr import DeepLift as CaptumDeepLift
from torch import Tensor

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.by_captum.captum_method import (
    CaptumMethod,
    Found,
    OnEmbeddings,
    numbers,
    over_features,
)


@AttributionMethod.register("deep_lift")
class DeepLift(CaptumMethod):
    """
    DeepLIFT (Shrikumar et al. 2017) from the zero embedding, by Captum: its rescale rule for the
    activations that Captum knows (ReLU, tanh, ...), gradients for the others, BERT's GELU among
    them.
    """

    expansion = 2

    def call(
        self,
        function: OnEmbeddings,
        embeddings: tuple[Tensor, ...],
        masks: tuple[Tensor, ...],
        rows: int,
    ) -> Found:
        scores, delta = CaptumDeepLift(function).attribute(
            embeddings,
            additional_forward_args=(numbers(embeddings),),
            return_convergence_delta=True,
        )
        return Found(over_features(scores), delta)

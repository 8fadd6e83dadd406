import torch
from captum.attr import FeatureAblation as CaptumFeatureAblation
from torch import Tensor

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.by_captum.captum_method import (
    CaptumMethod,
    Found,
    OnEmbeddings,
    numbers,
    token_groups,
)


@AttributionMethod.register("feature_ablation")
class FeatureAblation(CaptumMethod):
    """
    Feature ablation, or occlusion (Zeiler & Fergus 2014), by Captum: how far the class's logit
    falls when a token's embedding is replaced by zero. It looks at no gradient.
    """

    def call(
        self,
        function: OnEmbeddings,
        embeddings: tuple[Tensor, ...],
        masks: tuple[Tensor, ...],
        rows: int,
    ) -> Found:
        with torch.no_grad():
            found = CaptumFeatureAblation(function).attribute(
                embeddings,
                feature_mask=token_groups(masks),
                additional_forward_args=(numbers(embeddings),),
                perturbations_per_eval=max(1, rows // len(embeddings[0])),
            )
        return Found(tuple(of_field[..., 0] for of_field in found))

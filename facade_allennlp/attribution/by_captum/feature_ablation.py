import torch
from captum.attr import FeatureAblation as CaptumFeatureAblation

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.by_captum.captum_method import (
    CaptumInputs,
    CaptumMethod,
    TokenScores,
)


@AttributionMethod.register("feature_ablation")
class FeatureAblation(CaptumMethod):
    """
    Feature ablation, or occlusion (Zeiler & Fergus 2014), by Captum: how far the class's logit
    falls when a token's embedding is replaced by zero. It looks at no gradient.
    """

    title = "Feature ablation"

    def rows_per_input(self, tokens: int) -> int:
        return tokens

    def call(self, given: CaptumInputs) -> TokenScores:
        with torch.no_grad():
            scores = CaptumFeatureAblation(given.function).attribute(
                **given.arguments,
                feature_mask=given.token_groups,
                perturbations_per_eval=max(1, given.rows // given.batch_size),
            )
        return TokenScores.shared(scores)

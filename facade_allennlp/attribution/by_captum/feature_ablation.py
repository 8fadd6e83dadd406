from typing import Optional

import torch
from captum.attr import FeatureAblation as CaptumFeatureAblation

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.baselines import Baseline
from facade_allennlp.attribution.by_captum.captum_method import (
    CaptumInputs,
    CaptumMethod,
    TokenScores,
)
from facade_allennlp.attribution.by_captum.features import Features


@AttributionMethod.register("feature_ablation")
class FeatureAblation(CaptumMethod):
    """
    Feature ablation, or occlusion (Zeiler & Fergus 2014), by Captum: how far the class's logit
    falls when a token's embedding is replaced by that of its absence. It looks at no gradient.

    # Parameters

    baseline : `Baseline`, optional (default = zero)
        What stands for the absence of a token.
    words : `bool`, optional (default = `False`)
        Whether the tokens of a word are replaced together; they share its score evenly.
    """

    title = "Feature ablation"

    def __init__(self, baseline: Optional[Baseline] = None, words: bool = False) -> None:
        super().__init__(baseline)
        self.words = words

    def rows_per_input(self, tokens: int) -> int:
        return tokens

    def call(self, given: CaptumInputs) -> TokenScores:
        features = Features.of(given, self.words)
        with torch.no_grad():
            scores = CaptumFeatureAblation(given.function.in_turn).attribute(
                **given.arguments,
                feature_mask=features.groups,
                perturbations_per_eval=max(1, given.rows // given.batch_size),
            )
        return features.scores(scores)

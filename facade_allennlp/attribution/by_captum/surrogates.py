"""Methods that fit a linear model to what becomes of a text without some of its tokens."""

from typing import Any

import torch
from captum.attr import KernelShap as CaptumKernelShap
from captum.attr import Lime as CaptumLime

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.by_captum.captum_method import CaptumInputs, TokenScores
from facade_allennlp.attribution.by_captum.feature_ablation import FeatureAblation
from facade_allennlp.attribution.by_captum.sampled import Sampled


class Surrogate(Sampled):
    """Draws texts with some of the tokens' embeddings replaced by zero."""

    method: type[Any]
    """Captum's."""

    def call(self, given: CaptumInputs) -> TokenScores:
        with self.seeded(), torch.no_grad():
            scores = self.method(given.function).attribute(
                **given.arguments,
                feature_mask=given.token_groups,
                n_samples=self.samples,
                perturbations_per_eval=given.rows,
            )
        return TokenScores.shared(scores)


@AttributionMethod.register("lime")
class Lime(Surrogate):
    """LIME (Ribeiro et al. 2016) by Captum, with its defaults: lasso, cosine similarity."""

    title = "LIME"
    method = CaptumLime


@AttributionMethod.register("kernel_shap")
class KernelShap(Surrogate):
    """KernelSHAP (Lundberg & Lee 2017) by Captum."""

    title = "KernelSHAP"
    method = CaptumKernelShap

    def call(self, given: CaptumInputs) -> TokenScores:
        # Captum draws how many tokens stay from between none and all. Of one token there is nothing
        # between, and its Shapley value is what leaving it out changes.
        if all(int(groups.max()) == 0 for groups in given.token_groups):
            return FeatureAblation().call(given)
        return super().call(given)

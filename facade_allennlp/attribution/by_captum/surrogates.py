"""Methods that fit a linear model to what becomes of a text without some of its tokens."""

from typing import Any

import torch
from captum.attr import KernelShap as CaptumKernelShap
from captum.attr import Lime as CaptumLime

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.by_captum.captum_method import Found, Task
from facade_allennlp.attribution.by_captum.feature_ablation import FeatureAblation
from facade_allennlp.attribution.by_captum.sampled import Sampled


class Surrogate(Sampled):
    """Draws texts with some of the tokens' embeddings replaced by zero."""

    method: type[Any]
    """Captum's."""

    def call(self, task: Task) -> Found:
        with self.seeded(), torch.no_grad():
            found = self.method(task.function).attribute(
                **task.arguments,
                feature_mask=task.token_groups,
                n_samples=self.samples,
                perturbations_per_eval=task.rows,
            )
        return Found.of_groups(found)


@AttributionMethod.register("lime")
class Lime(Surrogate):
    """LIME (Ribeiro et al. 2016) by Captum, with its defaults: lasso, cosine similarity."""

    method = CaptumLime


@AttributionMethod.register("kernel_shap")
class KernelShap(Surrogate):
    """KernelSHAP (Lundberg & Lee 2017) by Captum."""

    method = CaptumKernelShap

    def call(self, task: Task) -> Found:
        # Captum draws how many tokens stay from between none and all. Of one token there is nothing
        # between, and its Shapley value is what leaving it out changes.
        if all(int(groups.max()) == 0 for groups in task.token_groups):
            return FeatureAblation().call(task)
        return super().call(task)

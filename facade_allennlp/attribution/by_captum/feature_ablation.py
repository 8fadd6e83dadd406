import torch
from captum.attr import FeatureAblation as CaptumFeatureAblation

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.by_captum.captum_method import CaptumMethod, Found, Task


@AttributionMethod.register("feature_ablation")
class FeatureAblation(CaptumMethod):
    """
    Feature ablation, or occlusion (Zeiler & Fergus 2014), by Captum: how far the class's logit
    falls when a token's embedding is replaced by zero. It looks at no gradient.
    """

    def rows_per_input(self, tokens: int) -> int:
        return tokens

    def call(self, task: Task) -> Found:
        with torch.no_grad():
            found = CaptumFeatureAblation(task.function).attribute(
                **task.arguments,
                feature_mask=task.token_groups,
                perturbations_per_eval=max(1, task.rows // task.batch_size),
            )
        return Found.of_groups(found)

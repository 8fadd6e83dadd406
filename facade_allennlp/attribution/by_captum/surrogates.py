"""Methods that fit a linear model to what becomes of a text without some of its tokens."""

from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from captum.attr import KernelShap as CaptumKernelShap
from captum.attr import Lime as CaptumLime
from torch import Tensor

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.by_captum.captum_method import (
    CaptumMethod,
    Found,
    OnEmbeddings,
    numbers,
    token_groups,
)
from facade_allennlp.attribution.by_captum.randomness import seeded


class Surrogate(CaptumMethod):
    """
    # Parameters

    samples : `int`, optional (default = `50`)
        Texts with some of the tokens' embeddings replaced by zero.
    seed : `int`, optional (default = `0`)

    # Raises

    `ConfigurationError` : fewer than one sample.
    """

    alone = True
    method: type[Any]
    """Captum's."""

    def __init__(self, samples: int = 50, seed: int = 0) -> None:
        if samples < 1:
            raise ConfigurationError(f"{self.name} needs samples >= 1, not {samples}")
        self.samples = samples
        self.seed = seed

    def call(
        self,
        function: OnEmbeddings,
        embeddings: tuple[Tensor, ...],
        masks: tuple[Tensor, ...],
        rows: int,
    ) -> Found:
        with seeded(self.seed), torch.no_grad():
            found = self.method(function).attribute(
                embeddings,
                feature_mask=token_groups(masks),
                n_samples=self.samples,
                additional_forward_args=(numbers(embeddings),),
                perturbations_per_eval=rows,
            )
        return Found(tuple(of_field[..., 0] for of_field in found))


@AttributionMethod.register("lime")
class Lime(Surrogate):
    """LIME (Ribeiro et al. 2016) by Captum, with its defaults: lasso, cosine similarity."""

    method = CaptumLime


@AttributionMethod.register("kernel_shap")
class KernelShap(Surrogate):
    """KernelSHAP (Lundberg & Lee 2017) by Captum."""

    method = CaptumKernelShap

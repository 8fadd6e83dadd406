import torch
from allennlp.common.checks import ConfigurationError
from captum.attr import GradientShap as CaptumGradientShap
from torch import Tensor

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.by_captum.captum_method import (
    CaptumMethod,
    Found,
    OnEmbeddings,
    numbers,
    over_features,
)
from facade_allennlp.attribution.by_captum.randomness import seeded


@AttributionMethod.register("gradient_shap")
class GradientShap(CaptumMethod):
    """
    GradientSHAP (Lundberg & Lee 2017) by Captum: gradients at random points between the zero
    embedding and the input, times input; without noise.

    # Parameters

    samples : `int`, optional (default = `5`)
    seed : `int`, optional (default = `0`)

    # Raises

    `ConfigurationError` : fewer than one sample.
    """

    alone = True

    def __init__(self, samples: int = 5, seed: int = 0) -> None:
        if samples < 1:
            raise ConfigurationError(f"gradient_shap needs samples >= 1, not {samples}")
        self.samples = samples
        self.seed = seed

    def call(
        self,
        function: OnEmbeddings,
        embeddings: tuple[Tensor, ...],
        masks: tuple[Tensor, ...],
        rows: int,
    ) -> Found:
        total = [torch.zeros_like(block) for block in embeddings]
        with seeded(self.seed):
            left = self.samples
            while left:
                drawn = min(left, rows)
                found = CaptumGradientShap(function).attribute(
                    embeddings,
                    baselines=tuple(torch.zeros_like(block) for block in embeddings),
                    n_samples=drawn,
                    additional_forward_args=(numbers(embeddings),),
                )
                total = [sums + drawn / self.samples * new for sums, new in zip(total, found)]
                left -= drawn
        return Found(over_features(tuple(total)))

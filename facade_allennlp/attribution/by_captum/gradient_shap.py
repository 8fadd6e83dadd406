from typing import Optional

import torch
from captum.attr import GradientShap as CaptumGradientShap

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.baselines import Baseline
from facade_allennlp.attribution.by_captum.captum_method import CaptumInputs, TokenScores
from facade_allennlp.attribution.by_captum.sampled import Sampled


@AttributionMethod.register("gradient_shap")
class GradientShap(Sampled):
    """
    GradientSHAP (Lundberg & Lee 2017) by Captum: gradients at random points between a baseline and
    the input, times what the input differs from it; without noise.

    # Parameters

    samples : `int`, optional (default = `5`)
    seed : `int`, optional (default = `0`)
    baseline : `Baseline`, optional (default = zero)
        What stands for the absence of a token.

    # Raises

    `ConfigurationError` : fewer than one sample, or a negative seed.
    """

    title = "GradientSHAP"

    def __init__(
        self, samples: int = 5, seed: int = 0, baseline: Optional[Baseline] = None
    ) -> None:
        super().__init__(samples, seed, baseline)

    def call(self, given: CaptumInputs) -> TokenScores:
        arguments = given.arguments
        total = tuple(torch.zeros_like(embeddings) for embeddings in arguments["inputs"])
        with self.seeded() as draws:
            left = self.samples
            while left:
                with draws.paused():
                    given.model.lock.give_way()
                drawn = min(left, given.rows)
                scores = CaptumGradientShap(given.function).attribute(**arguments, n_samples=drawn)
                share = drawn / self.samples
                total = tuple(sums + share * new for sums, new in zip(total, scores))
                left -= drawn
        return TokenScores.summed(total)

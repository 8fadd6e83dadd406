"""Methods that fit a linear model to what becomes of a text without some of its tokens."""

from collections.abc import Sequence
from typing import Any, Optional

import torch
from captum.attr import KernelShap as CaptumKernelShap
from captum.attr import Lime as CaptumLime
from torch import Tensor, nn

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.baselines import Baseline
from facade_allennlp.attribution.by_captum.captum_method import (
    CaptumInputs,
    OnEmbeddings,
    TokenScores,
)
from facade_allennlp.attribution.by_captum.feature_ablation import FeatureAblation
from facade_allennlp.attribution.by_captum.features import Features
from facade_allennlp.attribution.by_captum.sampled import Draws, Sampled
from facade_allennlp.attribution.forward_pass import EmbeddedField


class OnRealTokens(nn.Module):
    """
    A function of the embeddings of one input's real tokens, so that LIME measures the likeness of
    texts without their padding. It notes whether all of its values were finite, as a linear model
    can be fitted to no other: 0 stands for them.

    # Parameters

    function : `OnEmbeddings`
        Of a batch of one input.
    fields : `Sequence[EmbeddedField]`
    draws : `Draws`
        Paused while the function is computed.
    """

    def __init__(
        self, function: OnEmbeddings, fields: Sequence[EmbeddedField], draws: Draws
    ) -> None:
        super().__init__()
        self.function = function
        self.fields = fields
        self.draws = draws
        self.finite = True

    def forward(self, *arguments: Tensor) -> Tensor:
        """As `OnEmbeddings`, but of embeddings of shape (rows, real tokens, features)."""
        *real, index = arguments
        whole = []
        for field, embeddings in zip(self.fields, real):
            padded = field.embeddings.repeat(len(embeddings), 1, 1)
            padded[:, field.mask[0]] = embeddings
            whole.append(padded)
        with self.draws.paused():
            values = self.function.in_turn(*whole, index)
        self.finite = self.finite and bool(torch.isfinite(values).all())
        return torch.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)

    def cut(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """From shape (1, tokens, ...) to (1, real tokens, ...)."""
        return tuple(tensor[:, field.mask[0]] for field, tensor in zip(self.fields, tensors))

    def whole(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """And back, with padding of zeros, or all NaN where a value was not finite."""
        padded = []
        for field, tensor in zip(self.fields, tensors):
            scores = tensor.new_zeros(*field.mask.shape, *tensor.shape[2:])
            scores[:, field.mask[0]] = tensor if self.finite else torch.nan
            padded.append(scores)
        return padded


class Surrogate(Sampled):
    """
    Draws texts of which some tokens are absent. A text for which the model gives no finite logit
    has no scores: they are NaN.

    # Parameters

    samples : `int`, optional (default = `50`)
        How much is drawn for each input.
    seed : `int`, optional (default = `0`)
    baseline : `Baseline`, optional (default = zero)
        What stands for the absence of a token.
    words : `bool`, optional (default = `False`)
        Whether the tokens of a word are absent together; they share its score evenly.

    # Raises

    `ConfigurationError` : fewer than one sample, or a negative seed.
    """

    method: type[Any]
    """Captum's."""

    least = 1
    """The fewest features to draw from; of fewer each has the score of `FeatureAblation`."""

    def __init__(
        self,
        samples: int = 50,
        seed: int = 0,
        baseline: Optional[Baseline] = None,
        words: bool = False,
    ) -> None:
        super().__init__(samples, seed, baseline)
        self.words = words

    def call(self, given: CaptumInputs) -> TokenScores:
        features = Features.of(given, self.words)
        if features.count < self.least:
            return FeatureAblation(self.baseline, self.words).call(given)
        arguments = given.arguments
        with self.seeded() as draws, torch.no_grad():
            function = OnRealTokens(given.function, given.fields, draws)
            scores = self.method(function).attribute(
                inputs=function.cut(arguments["inputs"]),
                baselines=function.cut(arguments["baselines"]),
                feature_mask=function.cut(features.groups),
                additional_forward_args=arguments["additional_forward_args"],
                n_samples=self.samples,
                perturbations_per_eval=given.rows,
            )
        return features.scores(function.whole(scores))


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
    # Captum draws how many features stay from between none and all. Of one there is nothing
    # between, and its Shapley value is what leaving it out changes.
    least = 2

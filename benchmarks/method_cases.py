"""The methods that look inside a BERT, and Captum's, against their passes and Captum itself."""

import functools
from collections.abc import Callable
from typing import Any

import torch
from captum.attr import FeatureAblation as CaptumFeatureAblation
from captum.attr import IntegratedGradients as CaptumIntegratedGradients
from torch import Tensor

from benchmarks.by_hand import encoded, forward_and_backward, transformer_of
from benchmarks.case import Case
from benchmarks.setting import Setting
from facade_allennlp.attribution import (
    LRP,
    AttentionAttribution,
    AttnLRP,
    AttributionMethod,
    FeatureAblation,
    LayerIntegratedGradients,
)

STEPS = 20


def lrp_against_bare() -> Case:
    """LRP of the whole validation set, against a forward and backward pass."""
    return _against_bare("LRP", LRP())


def attn_lrp_against_bare() -> Case:
    """The same for AttnLRP."""
    return _against_bare("AttnLRP", AttnLRP())


def attention_attribution_against_passes() -> Case:
    """One batch, against a forward and backward pass for each point of each layer."""
    setting = Setting()
    setting.batches = setting.batches[:1]
    layers = len(transformer_of(setting.predictive).encoder.layer)

    def passes() -> None:
        for _ in range(STEPS * layers):
            forward_and_backward(setting)

    ours = functools.partial(setting.attribute, AttentionAttribution(STEPS))
    title = f"attention attribution, {STEPS} points x {layers} layers / as many passes"
    return Case(title, ours, passes, "<= 1.20")


def integrated_gradients_against_captum() -> Case:
    """One batch by the wrapper, against Captum called with the embeddings."""
    method = LayerIntegratedGradients(steps=STEPS)

    def theirs(function: Callable[[Tensor], Tensor], embeddings: Tensor) -> None:
        CaptumIntegratedGradients(function).attribute(
            embeddings, n_steps=STEPS, internal_batch_size=len(embeddings)
        )

    return _against_captum("integrated gradients", method, theirs)


def feature_ablation_against_captum() -> Case:
    """The same for feature ablation."""

    def theirs(function: Callable[[Tensor], Tensor], embeddings: Tensor) -> None:
        tokens = torch.arange(embeddings.shape[1]).view(1, -1, 1)
        with torch.no_grad():
            CaptumFeatureAblation(function).attribute(embeddings, feature_mask=tokens)

    return _against_captum("feature ablation", FeatureAblation(), theirs)


def _against_bare(title: str, method: AttributionMethod) -> Case:
    setting = Setting()
    return Case(
        f"{title} / bare forward and backward",
        functools.partial(setting.attribute, method),
        functools.partial(forward_and_backward, setting),
        "<= 3.00",
    )


def _against_captum(
    title: str,
    method: AttributionMethod,
    theirs: Callable[[Callable[[Tensor], Tensor], Tensor], None],
) -> Case:
    setting = Setting()
    setting.batches = setting.batches[:1]
    model: Any = setting.predictive
    tensors = setting.batches[0]["tokens"]["tokens"]
    embeddings = encoded(model, tensors)[0].detach()
    transformer = transformer_of(setting.predictive)

    def logit(given: Tensor) -> Tensor:
        mask = tensors["mask"].repeat(len(given) // len(tensors["mask"]), 1)
        hidden = transformer(inputs_embeds=given, attention_mask=mask.float()).last_hidden_state
        return model._classification_layer(model._seq2vec_encoder(hidden, mask=mask))[:, 0]

    return Case(
        f"{title} / Captum called directly",
        functools.partial(setting.attribute, method),
        functools.partial(theirs, logit, embeddings),
        "<= 1.10",
    )


METHOD_CASES: dict[str, Callable[[], Case]] = {
    case.__name__: case
    for case in (
        lrp_against_bare,
        attn_lrp_against_bare,
        attention_attribution_against_passes,
        integrated_gradients_against_captum,
        feature_ablation_against_captum,
    )
}

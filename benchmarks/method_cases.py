"""The methods that look inside a BERT, and Captum's, against their passes and Captum itself."""

import functools
from collections.abc import Callable
from typing import Any

import torch
from allennlp.data import Batch
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
    IntegratedGradients,
    LayerIntegratedGradients,
    LiteralLRP,
)

STEPS = 20
STEPS_OF_OTHERS = 50
"""What transformers-interpret and Captum take by default."""


def lrp_against_bare() -> Case:
    """LRP of the whole validation set, against a forward and backward pass."""
    return _against_bare("LRP", LRP())


def literal_lrp_against_bare() -> Case:
    """The same for LRP by the text of its paper."""
    return _against_bare("LRP, literal", LiteralLRP())


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


def integrated_gradients_against_one_by_one() -> Case:
    """
    Sentences of 8 to 40 tokens in a batch of 32 as they come, against Captum called for one after
    another as transformers-interpret calls it: 50 steps of layer integrated gradients at once.
    """
    setting, indexed = _as_they_come()

    def theirs() -> None:
        for row, length in enumerate(indexed["mask"].sum(dim=-1).tolist()):
            text = {name: tensor[row : row + 1, :length] for name, tensor in indexed.items()}
            _captums_integrated_gradients(setting, text, rows=STEPS_OF_OTHERS)

    title = f"integrated gradients, {STEPS_OF_OTHERS} steps / one by one (transformers-interpret)"
    ours = functools.partial(setting.attribute, _integrated_gradients())
    return Case(title, ours, theirs, "<= 0.75")


def integrated_gradients_against_padded() -> Case:
    """The same batch, against Captum called with it as it is, a step of all sentences at a time."""
    setting, indexed = _as_they_come()
    theirs = functools.partial(
        _captums_integrated_gradients, setting, indexed, rows=len(indexed["mask"])
    )
    title = f"integrated gradients, {STEPS_OF_OTHERS} steps / Captum on 32 as they come"
    ours = functools.partial(setting.attribute, _integrated_gradients())
    return Case(title, ours, theirs, "<= 0.75")


def _integrated_gradients() -> AttributionMethod:
    return IntegratedGradients(steps=STEPS_OF_OTHERS, rule="gauss_legendre")


def _as_they_come() -> tuple[Setting, dict[str, Tensor]]:
    """A setting whose only batch are 32 sentences of 8 to 40 tokens, and its tensors."""
    setting = Setting()
    fitting = [i for i in setting.instances if 8 <= len(i.fields["tokens"]) <= 40]  # type: ignore[arg-type]
    setting.batches = [dict(Batch(fitting[:32]).as_tensor_dict())]
    return setting, setting.batches[0]["tokens"]["tokens"]


def _captums_integrated_gradients(setting: Setting, indexed: dict[str, Tensor], rows: int) -> None:
    """Of the predicted classes, `rows` rows at a time."""
    model: Any = setting.predictive
    transformer = transformer_of(model)

    def logits(given: Tensor, mask: Tensor) -> Tensor:
        hidden = transformer(inputs_embeds=given, attention_mask=mask.float()).last_hidden_state
        return model._classification_layer(model._seq2vec_encoder(hidden, mask=mask))

    embeddings, _ = encoded(model, indexed)
    with torch.no_grad():
        predicted = logits(embeddings, indexed["mask"]).argmax(dim=-1)
    CaptumIntegratedGradients(logits).attribute(
        embeddings.detach(),
        target=predicted,
        additional_forward_args=(indexed["mask"],),
        n_steps=STEPS_OF_OTHERS,
        internal_batch_size=rows,
    )


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
        literal_lrp_against_bare,
        attn_lrp_against_bare,
        attention_attribution_against_passes,
        integrated_gradients_against_captum,
        integrated_gradients_against_one_by_one,
        integrated_gradients_against_padded,
        feature_ablation_against_captum,
    )
}

"""How transformers, embedders and whole models are intertwined."""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import BasicClassifier, Model
from allennlp.modules.text_field_embedders import BasicTextFieldEmbedder
from allennlp.modules.token_embedders import PretrainedTransformerEmbedder
from torch import nn

from facade_allennlp.anatomy import ENCODER, SELF_ATTENTION, NamedKind, anatomy_of, attention_form
from facade_allennlp.errors import with_article
from facade_allennlp.merging.intertwine import (
    RULES,
    Parts,
    check_kind,
    check_settings,
    child_by_child,
    shell,
)
from facade_allennlp.merging.layers import JoinedTextFieldEmbedder, interleaved
from facade_allennlp.merging.stages import stages


@RULES.register(SELF_ATTENTION)
def _self_attention(parts: Parts, path: str) -> nn.Module:
    form: Any = attention_form(parts[0])
    # The classes of a form differ in the kernel that they use, not in what they compute.
    same_form = NamedKind(form.classes[0], lambda module: attention_form(module) is form)
    check_kind(parts, path, same_form)
    sizes = [getattr(part, form.head_size) for part in parts]
    if len(set(sizes)) > 1:
        raise ConfigurationError(
            f"attention heads have {' and '.join(map(str, sizes))} units in the predictive and the "
            f"facade model ({path}), but must have as many in both; change the facade's "
            "hidden_size or num_attention_heads"
        )
    for name, value in form.usual.items():
        others = [getattr(part, name) for part in parts if getattr(part, name) != value]
        if others:
            raise ConfigurationError(
                f"{path} has {name} = {others[0]}; attention is intertwined only where it is "
                f"{value}; for all other models there is the storage `logits`"
            )
    merged = child_by_child(parts, path, same_form)
    for total in (form.heads, form.width):
        setattr(merged, total, sum(getattr(part, total) for part in parts))
    return merged


@RULES.register(ENCODER)
def _encoder(parts: Parts, path: str) -> nn.Module:
    merged = child_by_child(parts, path)
    merged.config = copy.deepcopy(parts[0].config)
    anatomy: Any = anatomy_of(parts[0])
    for size in anatomy.sizes:
        setattr(merged.config, size, sum(getattr(part.config, size) for part in parts))
    return merged


@RULES.register(PretrainedTransformerEmbedder)
def _transformer_embedder(parts: Parts, path: str) -> nn.Module:
    check_kind(parts, path, PretrainedTransformerEmbedder)
    check_settings(parts, path, "_max_length")
    for transformer in (part.transformer_model for part in parts):
        if anatomy_of(transformer) is None:
            raise ConfigurationError(
                f"{path} is {with_article(type(transformer).__name__)}, and it is not known how "
                "the weights of "
                "such transformers are intertwined: use the storage `logits`, or add an entry for "
                "the class by anatomy.register"
            )
    merged = child_by_child(parts, path, PretrainedTransformerEmbedder)
    merged.config = merged.transformer_model.config
    merged.output_dim = merged.config.hidden_size
    return merged


@RULES.register(BasicTextFieldEmbedder)
def _text_field_embedder(parts: Parts, path: str) -> nn.Module:
    merged = child_by_child(parts, path)
    # A plain dictionary beside the children, which would still hold the first part's embedders.
    merged._token_embedders = {
        name: getattr(merged, f"token_embedder_{name}") for name in merged._token_embedders
    }
    if len(merged._token_embedders) == 1:
        return merged
    names = merged._ordered_embedder_keys
    widths = [[part._token_embedders[name].get_output_dim() for name in names] for part in parts]
    return JoinedTextFieldEmbedder(merged._token_embedders, interleaved(widths))


@RULES.register(Model)
def _model(parts: Parts, path: str) -> nn.Module:
    """All but the output layers, and the predictive model's dropout, is intertwined."""
    output = stages(parts[0])[-1]
    bodies = [shell(part) for part in parts]
    for body, part in zip(bodies, parts):
        body._modules = {
            child_name: child
            for child_name, child in part._modules.items()
            if child_name not in (output, "_dropout")
        }
    merged = child_by_child(bodies, path)
    if "_dropout" in parts[0]._modules:
        merged._dropout = parts[0]._dropout
    summed = sum_outputs([getattr(part, output) for part in parts], f"{path}.{output}")
    setattr(merged, output, summed)
    if isinstance(merged, BasicClassifier):
        merged._classifier_input_dim = summed.in_features
    return merged


def sum_outputs(parts: Sequence[nn.Linear], path: str) -> nn.Linear:
    """The final layer: [W_f W_g] over the features side by side, and b_f + b_g."""
    classes = [part.out_features for part in parts]
    if len(set(classes)) > 1:
        raise ConfigurationError(
            f"the predictive and the facade model have {' and '.join(map(str, classes))} outputs "
            f"at {path}, but must have as many in both"
        )
    merged = nn.Linear(sum(part.in_features for part in parts), classes[0])
    with torch.no_grad():
        merged.to(parts[0].weight)
        # shape: (classes, features of all parts)
        merged.weight.copy_(torch.cat([part.weight for part in parts], dim=-1))
        merged.bias.copy_(torch.stack([part.bias for part in parts]).sum(dim=0))
    return merged

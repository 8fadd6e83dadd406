"""
Weight intertwining: modules of one shape in, one wider module out (the paper's "Merging weights").
"""

import copy
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import BasicClassifier, Model
from allennlp.modules.seq2seq_encoders import PytorchSeq2SeqWrapper
from allennlp.modules.seq2vec_encoders import (
    BagOfEmbeddingsEncoder,
    BertPooler,
    ClsPooler,
    PytorchSeq2VecWrapper,
)
from allennlp.modules.text_field_embedders import BasicTextFieldEmbedder
from allennlp.modules.token_embedders import Embedding, PretrainedTransformerEmbedder
from torch import nn

from facade_allennlp.anatomy import (
    ENCODER,
    SELF_ATTENTION,
    TOKEN_WISE,
    ByKind,
    Kind,
    NamedKind,
    anatomy_of,
    attention_form,
    block_of,
    is_of,
)
from facade_allennlp.merging.layers import (
    ConcatenatedEmbedding,
    ConcatenatedTokenEmbedder,
    JoinedTextFieldEmbedder,
    SideBySide,
    SideBySideEncoder,
    interleaved,
)
from facade_allennlp.merging.stages import stages

Parts = Sequence[Any]
Rule = Callable[[Parts, str], nn.Module]

RULES: ByKind[Rule] = ByKind()
"""How to intertwine modules of a kind; those without a rule are taken apart into their children."""


def intertwine(parts: Parts, path: str = "model") -> nn.Module:
    """
    One module that computes what `parts` compute, side by side on the feature axis. Parameters are
    shared with the parts, not copied.

    >>> intertwine([nn.Linear(5, 4), nn.Linear(3, 2)])(torch.randn(7, 8)).shape
    torch.Size([7, 6])

    # Parameters

    parts : `Sequence[nn.Module]`
        Modules of the same kind and depth; widths may differ.
    path : `str`
        Where the modules stand, for messages.

    # Raises

    `ConfigurationError` : the modules differ in kind, depth, vocabulary or head size.
    """
    rule = RULES.find(parts[0]) or child_by_child
    return rule(parts, path)


def child_by_child(parts: Parts, path: str, kind: Optional[Kind] = None) -> Any:
    """
    A copy of the first part whose children are intertwined with those of the others. All parts must
    be of its class, or at least of this kind.
    """
    _check_kind(parts, path, kind)
    first = parts[0]
    children = [list(part._modules) for part in parts]
    if isinstance(first, nn.ModuleList) and len({len(names) for names in children}) > 1:
        raise ConfigurationError(
            f"{path} has {' and '.join(str(len(names)) for names in children)} layers in the "
            "predictive and the facade model, but must have as many in both"
        )
    if any(names != children[0] for names in children):
        differing = sorted(set(children[0]).symmetric_difference(*children[1:]))
        raise ConfigurationError(
            f"{path} has {', '.join(differing)} in only one of the predictive and the facade model"
        )
    if first._parameters:
        raise ConfigurationError(
            f"there is no rule to intertwine the weights of {path} ({type(first).__name__})"
        )
    merged = shell(first)
    for name in children[0]:
        inner = [part._modules[name] for part in parts]
        if inner[0] is None and any(module is not None for module in inner):
            raise ConfigurationError(f"{path}.{name} is there in only one of the two models")
        merged._modules[name] = inner[0] and intertwine(inner, f"{path}.{name}")
    return merged


def _check_kind(parts: Parts, path: str, kind: Optional[Kind] = None) -> None:
    if all(is_of(part, kind) if kind else type(part) is type(parts[0]) for part in parts):
        return
    kinds = [type(part).__name__ for part in parts]
    raise ConfigurationError(
        f"{path} is a {kinds[0]} in the predictive model and a {kinds[1]} in the facade model; "
        "weights are intertwined only between models of the same kind; for unlike ones there is "
        "the storage `logits`"
    )


def _check_settings(parts: Parts, path: str, *names: str) -> None:
    for name in names:
        values = [getattr(part, name, None) for part in parts]
        if len(set(values)) > 1:
            raise ConfigurationError(
                f"{path} has {name.strip('_')} = {values[0]} in the predictive and {values[1]} in "
                f"the facade model; train the facade with {values[0]} too"
            )


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


def shell(module: Any) -> Any:
    """A shallow copy without children, whose own tables can be changed."""
    copied = copy.copy(module)
    copied._modules = {}
    copied._parameters = dict(module._parameters)
    copied._buffers = dict(module._buffers)
    return copied


@RULES.register(nn.Linear)
def _linear(parts: Parts, path: str) -> nn.Module:
    return SideBySide(parts, [part.in_features for part in parts])


@RULES.register(nn.LayerNorm)
def _layer_norm(parts: Parts, path: str) -> nn.Module:
    return SideBySide(parts, [part.normalized_shape[0] for part in parts])


@RULES.register(TOKEN_WISE)
def _token_wise(parts: Parts, path: str) -> nn.Module:
    _check_kind(parts, path)
    block: Any = block_of(parts[0])
    widths = [attrgetter(block.width)(part) for part in parts]
    return SideBySide(parts, widths, join=not block.leads_on)


@RULES.register(nn.Dropout)
def _dropout(parts: Parts, path: str) -> nn.Module:
    return parts[0]


@RULES.register(nn.Embedding)
def _embedding(parts: Parts, path: str) -> nn.Module:
    _check_rows(parts, path)
    return ConcatenatedEmbedding(parts)


def _check_rows(parts: Parts, path: str) -> None:
    rows = [part.num_embeddings for part in parts]
    if len(set(rows)) > 1:
        raise ConfigurationError(
            f"{path} has {' and '.join(map(str, rows))} rows in the predictive and the facade "
            "model, but must have as many in both; train the facade with the predictive model's "
            "vocabulary"
        )


@RULES.register(Embedding)
def _token_embedding(parts: Parts, path: str) -> nn.Module:
    _check_kind(parts, path, kind=Embedding)
    _check_rows(parts, path)
    return ConcatenatedTokenEmbedder(parts)


@RULES.register(PytorchSeq2VecWrapper, PytorchSeq2SeqWrapper)
def _recurrent(parts: Parts, path: str) -> nn.Module:
    _check_kind(parts, path)
    networks = [part._module for part in parts]
    _check_kind(networks, f"{path}._module")
    _check_settings(networks, path, "num_layers", "bidirectional", "bias")
    return SideBySideEncoder(parts)


@RULES.register(SELF_ATTENTION)
def _self_attention(parts: Parts, path: str) -> nn.Module:
    form: Any = attention_form(parts[0])
    # The classes of a form differ in the kernel that they use, not in what they compute.
    same_form = NamedKind(form.classes[0], lambda module: attention_form(module) is form)
    _check_kind(parts, path, same_form)
    sizes = [getattr(part, form.head_size) for part in parts]
    if len(set(sizes)) > 1:
        raise ConfigurationError(
            f"attention heads have {' and '.join(map(str, sizes))} units in the predictive and the "
            f"facade model ({path}), but must have as many in both; change the facade's "
            "hidden_size or num_attention_heads"
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


@RULES.register(BagOfEmbeddingsEncoder, ClsPooler, BertPooler)
def _pooler(parts: Parts, path: str) -> nn.Module:
    merged = child_by_child(parts, path)
    _check_settings(parts, path, "_averaged", "_cls_is_last_token")
    merged._embedding_dim = sum(part.get_output_dim() for part in parts)
    return merged


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

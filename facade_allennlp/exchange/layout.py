"""What an archive of a transformers model holds: configs, labels, and where each tensor goes."""

import copy
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.nn import Activation
from torch import Tensor, nn
from transformers import AutoModel

from facade_allennlp.anatomy.heads import TEXT_HEADS, TextHead
from facade_allennlp.archives.carried_transformer import NAME
from facade_allennlp.errors import with_article
from facade_allennlp.exchange.original import Original

ENCODER = "_text_field_embedder.token_embedder_tokens.transformer_model."
"""Where AllenNLP's models have the transformer."""


@dataclass
class Layout:
    """
    An archive before it is written.

    # Parameters

    reader, model : `dict[str, Any]`
        Configs.
    weights : `dict[str, Tensor]`
        By their names in the archive's model.
    labels : `list[str]`, optional (default = none)
        In the order of the outputs.
    """

    reader: dict[str, Any]
    model: dict[str, Any]
    weights: dict[str, Tensor]
    labels: list[str] = field(default_factory=list)


def embedder_config() -> dict[str, Any]:
    return {"token_embedders": {"tokens": {"type": NAME}}}


def reader_parts(length: Optional[int], add_special_tokens: bool = True) -> dict[str, Any]:
    """
    Tokenizer and indexers of a reader.

    # Parameters

    length : `int`, optional
        The most tokens of a text.
    add_special_tokens : `bool`, optional (default = `True`)
        Otherwise the reader does.
    """
    tokenizer: dict[str, Any] = {"type": NAME}
    if not add_special_tokens:
        tokenizer["add_special_tokens"] = False
    if length is not None:
        tokenizer["max_length"] = length
    return {"tokenizer": tokenizer, "token_indexers": {"tokens": {"type": NAME}}}


def carried_config(original: Original) -> Any:
    """The configuration for the archive: of this many word embeddings, and no place it is from."""
    config = copy.deepcopy(original.config)
    config.vocab_size = original.ids
    config._name_or_path = ""
    if hasattr(config, "auto_map"):
        del config.auto_map
    return config


def encoder_weights(original: Original) -> dict[str, Tensor]:
    """
    The encoder's, by their names in the archive. Rows of the word embeddings that no token has are
    left out, as AllenNLP leaves them out; a pooler that the model does without is zero.

    # Raises

    `ConfigurationError` : they are not what transformers has for this configuration.
    """
    encoder = original.model.base_model
    weights = encoder.state_dict()
    with torch.device("meta"):
        wanted = AutoModel.from_config(carried_config(original)).state_dict()
    words = encoder.get_input_embeddings().weight
    (name,) = [name for name, weight in encoder.named_parameters() if weight is words]
    # Of a view torch would save the whole table.
    weights[name] = words[: original.ids].detach().clone()
    for missing in [name for name in wanted if name not in weights and "pooler." in name]:
        weights[missing] = torch.zeros(wanted[missing].shape)
    shapes, wanted_shapes = [
        {name: tuple(tensor.shape) for name, tensor in tensors.items()}
        for tensors in (weights, wanted)
    ]
    if shapes != wanted_shapes:
        raise ConfigurationError(
            f"{original.name}: the encoder of {original.architecture} is no ordinary "
            f"{type(encoder).__name__}, so that AllenNLP cannot make one like it"
        )
    return {ENCODER + name: weight for name, weight in weights.items()}


def linear_weights(name: str, layer: nn.Linear) -> dict[str, Tensor]:
    """Those of a linear layer, under its name in the archive's model; its bias may be missing."""
    weight = layer.weight.detach()
    bias = weight.new_zeros(len(weight)) if layer.bias is None else layer.bias.detach()
    return {f"{name}.weight": weight, f"{name}.bias": bias}


def labels_of(original: Original) -> list[str]:
    """
    The names in `id2label`, in the order of the ids.

    # Raises

    `ConfigurationError` : an id, or a name, is missing or is there twice.
    """
    names = original.config.id2label
    numbers = list(range(len(names)))
    labels = [names[number] for number in numbers if number in names]
    if len(labels) < len(names):
        raise ConfigurationError(
            f"{original.name}: id2label in config.json has the ids {sorted(names)}, but they "
            f"should be the numbers from 0 to {len(names) - 1}"
        )
    for label in labels:
        if not isinstance(label, str) or not label or labels.count(label) > 1:
            raise ConfigurationError(
                f"{original.name}: id2label in config.json has the name {label!r}, but each label "
                "needs a name of its own"
            )
    return labels


def text_head(original: Original) -> TextHead:
    """
    How the model gets from tokens to the logits of a text.

    # Raises

    `ConfigurationError` : it is not known, or is set to be another one.
    """
    head = TEXT_HEADS.get(original.architecture)
    if head is None:
        raise ConfigurationError(
            f"{original.name} is {with_article(original.architecture)}, whose head is not known; "
            "known are "
            f"{', '.join(sorted(TEXT_HEADS))}"
        )
    for setting, usual in head.usual.items():
        value = getattr(original.config, setting, usual)
        if value != usual:
            raise ConfigurationError(
                f"{original.name}: {original.architecture} is imported where {setting} is "
                f"{usual!r}, but config.json has {value!r}"
            )
    return head


def classifier(original: Original, kind: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """
    Config and weights of AllenNLP's classifier of texts, or of one like it.

    # Parameters

    original : `Original`
    kind : `str`
        The registered name of the model: `basic_classifier` or one that takes the same arguments.
    """
    head = text_head(original)
    width = original.config.hidden_size
    config: dict[str, Any] = {
        "type": kind,
        "namespace": "tags",
        "text_field_embedder": embedder_config(),
        "seq2vec_encoder": {
            "type": "cls_pooler",
            "embedding_dim": width,
            "cls_is_last_token": head.reads_last,
        },
    }
    weights = encoder_weights(original)
    if head.dense is not None:
        dense = attrgetter(head.dense)(original.model)
        assert head.activation in Activation.list_available()
        config["feedforward"] = {
            "input_dim": width,
            "num_layers": 1,
            "hidden_dims": dense.out_features,
            "activations": head.activation,
        }
        weights |= linear_weights("_feedforward._linear_layers.0", dense)
    output = attrgetter(head.output)(original.model)
    return config, weights | linear_weights("_classification_layer", output)


def linear_head(original: Original, name: str, outputs: int) -> nn.Linear:
    """
    The one layer between the vectors of tokens and their logits.

    # Parameters

    original : `Original`
    name : `str`
        What transformers calls it.
    outputs : `int`
        How many logits a token has.

    # Raises

    `ConfigurationError` : there is none with so many outputs.
    """
    layer = getattr(original.model, name, None)
    if not isinstance(layer, nn.Linear) or layer.out_features != outputs:
        raise ConfigurationError(
            f"{original.name}: {with_article(original.architecture)} has no linear layer {name!r} "
            "with "
            f"{outputs} outputs on its encoder, so that AllenNLP has no model like it"
        )
    return layer

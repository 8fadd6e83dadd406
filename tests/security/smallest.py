"""The smallest config of a registered component, by the annotations of its constructor."""

import copy
import inspect
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Any

from allennlp.common import FromParams

from fixtures import BERT

LISTS = (list, tuple, set, Iterable, Sequence)
PLAIN: dict[Any, Any] = {int: 4, float: 0.5, str: "tokens", bool: True, Any: {}}
TABLE = {"type": "embedding", "embedding_dim": 4, "num_embeddings": 10}
EMBEDDER = {"token_embedders": {"tokens": TABLE}}
LAYER = {"input_dim": 4, "num_layers": 1, "hidden_dims": 4, "activations": "relu"}
TWO_LABELS = {**LAYER, "hidden_dims": 2}
CLASSIFIER = {
    "type": "basic_classifier",
    "text_field_embedder": EMBEDDER,
    "seq2vec_encoder": {"type": "boe", "embedding_dim": 4},
}
PARTS: dict[str, Any] = {
    "Attention": "dot_product",
    "AttributionMethod": "gradient",
    "FeedForward": LAYER,
    "MatrixAttention": "dot_product",
    "Model": CLASSIFIER,
    "Seq2SeqEncoder": {"type": "pass_through", "input_dim": 4},
    "Seq2VecEncoder": {"type": "boe", "embedding_dim": 4},
    "Storage": "logits",
    "TextFieldEmbedder": EMBEDDER,
    "TokenEmbedder": TABLE,
    "TokenIndexer": "single_id",
    "TokenTarget": "first_token",
    "Tokenizer": "whitespace",
}
"""By the name of the base class, a component of it."""
SPECIAL: dict[str, dict[str, Any]] = {
    "bidirectional_language_model_transformer": {
        "input_dim": 24, "hidden_dim": 4, "num_layers": 1,
    },
    "cnn-highway": {
        "embedding_dim": 4, "filters": [[1, 4]], "num_highway": 1, "projection_dim": 4,
    },
    "decomposable_attention": {"aggregate_feedforward": {**TWO_LABELS, "input_dim": 8},
        "attend_feedforward": LAYER, "compare_feedforward": {**LAYER, "input_dim": 8},
    },
    "esim": {
        "encoder": {"type": "pass_through", "input_dim": 4},
        "projection_feedforward": {**LAYER, "input_dim": 16},
        "inference_encoder": {"type": "pass_through", "input_dim": 4},
        "output_feedforward": {**LAYER, "input_dim": 16},
        "output_logit": TWO_LABELS,
    },
    "gated-cnn-encoder": {"input_dim": 4, "layers": [[[2, 4]]]},
    "reshaped_transformer_qa": {"transformer_model_name": BERT},
    "transformer_qa": {"transformer_model_name": BERT},
    "transformer_squad": {"transformer_model_name": BERT},
    "pytorch_transformer": {"input_dim": 4, "num_layers": 1, "num_attention_heads": 2},
}  # fmt: skip
"""Where sizes have to agree."""


def smallest(name: str, kind: Any) -> dict[str, Any]:
    """
    The config of a component.

    # Parameters

    name : `str`
        The registered one.
    kind : `Any`
        The class, or the method that constructs it.
    """
    config: dict[str, Any] = {}
    for constructor in _constructors(kind):
        config = {**_arguments(constructor), **config}
    return {**config, **copy.deepcopy(SPECIAL.get(name, {})), "type": name}


def _constructors(kind: Any) -> Iterator[Any]:
    """That of a class, and those of its bases as long as it hands on what it does not name."""
    if not inspect.isclass(kind):
        yield kind
        return
    for base in inspect.getmro(kind):
        if "__init__" in vars(base):
            yield base.__init__  # type: ignore[misc]
            parameters = inspect.signature(base.__init__).parameters.values()  # type: ignore[misc]
            if not any(one.kind is one.VAR_KEYWORD for one in parameters):
                return


def _arguments(constructor: Any) -> dict[str, Any]:
    config = {}
    for parameter in inspect.signature(constructor).parameters.values():
        if parameter.name in ("self", "vocab", "vocabulary", "serialization_dir") or (
            parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        ):
            continue
        # AllenNLP's default tokenizer needs a package that is none of ours.
        cuts = "tokenizer" in parameter.name and "Tokenizer" in str(parameter.annotation)
        if cuts or parameter.default is parameter.empty:
            config[parameter.name] = _value(parameter.name, parameter.annotation)
    return config


def _value(name: str, annotation: Any) -> Any:
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, UnionType):
        return _value(name, next(one for one in inner if one is not NoneType))
    if name in ("model_name", "transformer_model_name", "pretrained_model"):
        return BERT
    if annotation in PLAIN:
        return PLAIN[annotation]
    if origin in LISTS:
        return [_value(name, inner[0])]
    if origin in (dict, Mapping):
        return {"tokens": _value(name, inner[1])}
    part = PARTS.get(annotation.__name__)
    if part is None:
        assert issubclass(annotation, FromParams), (name, annotation)
        return _arguments(annotation.__init__)
    return copy.deepcopy(part)

"""How layers, and encoders of whole texts, are intertwined."""

from operator import attrgetter
from typing import Any

from allennlp.common.checks import ConfigurationError
from allennlp.modules import FeedForward
from allennlp.modules.seq2seq_encoders import PytorchSeq2SeqWrapper, Seq2SeqEncoder
from allennlp.modules.seq2vec_encoders import (
    BagOfEmbeddingsEncoder,
    BertPooler,
    ClsPooler,
    PytorchSeq2VecWrapper,
    Seq2VecEncoder,
)
from allennlp.modules.token_embedders import Embedding
from torch import nn

from facade_allennlp.anatomy import TOKEN_WISE, block_of
from facade_allennlp.merging.intertwine import (
    RULES,
    Parts,
    check_kind,
    check_settings,
    child_by_child,
)
from facade_allennlp.merging.layers import (
    ConcatenatedEmbedding,
    ConcatenatedTokenEmbedder,
    SideBySide,
    SideBySideEncoder,
)


@RULES.register(nn.Linear)
def _linear(parts: Parts, path: str) -> nn.Module:
    return SideBySide(parts, [part.in_features for part in parts])


@RULES.register(nn.LayerNorm)
def _layer_norm(parts: Parts, path: str) -> nn.Module:
    return SideBySide(parts, [part.normalized_shape[0] for part in parts])


@RULES.register(TOKEN_WISE)
def _token_wise(parts: Parts, path: str) -> nn.Module:
    check_kind(parts, path)
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
            "vocabulary and positions"
        )


@RULES.register(Embedding)
def _token_embedding(parts: Parts, path: str) -> nn.Module:
    check_kind(parts, path, kind=Embedding)
    _check_rows(parts, path)
    return ConcatenatedTokenEmbedder(parts)


@RULES.register(Seq2VecEncoder, Seq2SeqEncoder)
def _text_encoder(parts: Parts, path: str) -> nn.Module:
    """Whatever it does with a text, each part does it with its own features."""
    check_kind(parts, path)
    return SideBySideEncoder(parts)


@RULES.register(PytorchSeq2VecWrapper, PytorchSeq2SeqWrapper)
def _recurrent(parts: Parts, path: str) -> nn.Module:
    check_kind(parts, path)
    networks = [part._module for part in parts]
    check_kind(networks, f"{path}._module")
    check_settings(networks, path, "num_layers", "bidirectional", "bias")
    return _text_encoder(parts, path)


@RULES.register(FeedForward)
def _feedforward(parts: Parts, path: str) -> nn.Module:
    merged = child_by_child(parts, path)
    merged.input_dim = sum(part.get_input_dim() for part in parts)
    merged._output_dim = sum(part.get_output_dim() for part in parts)
    return merged


@RULES.register(BagOfEmbeddingsEncoder, ClsPooler, BertPooler)
def _pooler(parts: Parts, path: str) -> nn.Module:
    merged = child_by_child(parts, path)
    check_settings(parts, path, "_averaged", "_cls_is_last_token")
    merged._embedding_dim = sum(part.get_output_dim() for part in parts)
    return merged

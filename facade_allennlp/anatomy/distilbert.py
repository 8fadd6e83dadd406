"""DistilBERT (Sanh et al. 2019), as transformers has it."""

from typing import Any

import torch
from torch import Tensor, nn

from facade_allennlp.anatomy.anatomy import (
    Anatomy,
    AttentionForm,
    AttentionInput,
    Block,
    Part,
    register,
)

MODULE = "transformers.models.distilbert.modeling_distilbert"


def read(
    attention: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor,
    *others: Any,
    **more: Any,
) -> AttentionInput:
    """
    What a call of `MultiHeadSelfAttention` is about. Query, key and value are the same hidden
    states; the mask has 1 for real tokens.
    """
    padding = (mask == 0)[:, None, None, :]  # shape: (rows, 1, 1, tokens)
    lowest = torch.finfo(query.dtype).min
    return AttentionInput(
        query, torch.zeros_like(padding, dtype=query.dtype).masked_fill(padding, lowest)
    )


ANATOMY = register(
    Anatomy(
        encoder=f"{MODULE}.DistilBertModel",
        parts={
            Part.WORDS: "embeddings.word_embeddings",
            Part.POSITIONS: "embeddings.position_embeddings",
            Part.EMBEDDING_NORM: "embeddings.LayerNorm",
            Part.EMBEDDED: "embeddings",
            Part.LAYERS: "transformer.layer",
        },
        layer_parts={
            Part.ATTENTION: "attention",
            Part.QUERY: "attention.q_lin",
            Part.KEY: "attention.k_lin",
            Part.VALUE: "attention.v_lin",
            Part.ATTENTION_OUTPUT: "attention.out_lin",
            Part.ATTENTION_NORM: "sa_layer_norm",
            Part.INTERMEDIATE: "ffn.lin1",
            Part.ACTIVATION: "ffn.activation",
            Part.OUTPUT: "ffn.lin2",
            Part.OUTPUT_NORM: "output_layer_norm",
        },
        attention=AttentionForm(
            classes=(f"{MODULE}.MultiHeadSelfAttention",),
            read=read,
            projects=True,
            heads="n_heads",
            head_size="attention_head_size",
            width="dim",
            usual={},
        ),
        blocks={f"{MODULE}.FFN": Block(width="lin1.in_features")},
        sizes=("dim", "hidden_dim", "n_heads"),
    )
)

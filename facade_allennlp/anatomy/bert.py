"""BERT (Devlin et al. 2019), as transformers has it."""

from typing import Any, Optional

from torch import Tensor, nn

from facade_allennlp.anatomy.anatomy import (
    Anatomy,
    AttentionForm,
    AttentionInput,
    Block,
    Part,
    register,
)

MODULE = "transformers.models.bert.modeling_bert"


def read(
    attention: nn.Module,
    hidden_states: Tensor,
    attention_mask: Optional[Tensor] = None,
    *others: Any,
    **more: Any,
) -> AttentionInput:
    """What a call of `BertSelfAttention` is about."""
    return AttentionInput(hidden_states, attention_mask)


ANATOMY = register(
    Anatomy(
        encoder=f"{MODULE}.BertModel",
        parts={
            Part.WORDS: "embeddings.word_embeddings",
            Part.POSITIONS: "embeddings.position_embeddings",
            Part.TOKEN_TYPES: "embeddings.token_type_embeddings",
            Part.EMBEDDING_NORM: "embeddings.LayerNorm",
            Part.EMBEDDED: "embeddings",
            Part.LAYERS: "encoder.layer",
            Part.POOLER: "pooler.dense",
        },
        layer_parts={
            Part.ATTENTION: "attention.self",
            Part.QUERY: "attention.self.query",
            Part.KEY: "attention.self.key",
            Part.VALUE: "attention.self.value",
            Part.ATTENTION_OUTPUT: "attention.output.dense",
            Part.ATTENTION_NORM: "attention.output.LayerNorm",
            Part.INTERMEDIATE: "intermediate.dense",
            Part.ACTIVATION: "intermediate.intermediate_act_fn",
            Part.OUTPUT: "output.dense",
            Part.OUTPUT_NORM: "output.LayerNorm",
        },
        attention=AttentionForm(
            classes=(f"{MODULE}.BertSelfAttention",),
            read=read,
            projects=False,
            heads="num_attention_heads",
            head_size="attention_head_size",
            width="all_head_size",
            usual={"is_decoder": False, "position_embedding_type": "absolute"},
        ),
        blocks={
            f"{MODULE}.BertSelfOutput": Block(width="dense.out_features"),
            f"{MODULE}.BertIntermediate": Block(width="dense.in_features", leads_on=True),
            f"{MODULE}.BertOutput": Block(width="dense.out_features"),
        },
        sizes=("hidden_size", "intermediate_size", "num_attention_heads"),
    )
)

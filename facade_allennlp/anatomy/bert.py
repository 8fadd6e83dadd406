"""BERT (Devlin et al. 2019), as transformers has it, and the families with its parts."""

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

PARTS = {
    Part.WORDS: "embeddings.word_embeddings",
    Part.POSITIONS: "embeddings.position_embeddings",
    Part.TOKEN_TYPES: "embeddings.token_type_embeddings",
    Part.EMBEDDING_NORM: "embeddings.LayerNorm",
    Part.EMBEDDED: "embeddings",
    Part.LAYERS: "encoder.layer",
    Part.POOLER: "pooler.dense",
}
LAYER_PARTS = {
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
}
SIZES = ("hidden_size", "intermediate_size", "num_attention_heads")


def read(
    attention: nn.Module,
    hidden_states: Tensor,
    attention_mask: Optional[Tensor] = None,
    *others: Any,
    **more: Any,
) -> AttentionInput:
    """What a call of `BertSelfAttention` is about."""
    return AttentionInput(hidden_states, attention_mask)


def alike(module: str, prefix: str) -> Anatomy:
    """
    The anatomy of encoders that are made as BERT is, under other names.

    >>> register(alike("transformers.models.camembert.modeling_camembert", "Camembert"))

    # Parameters

    module : `str`
        The full name of the Python module with their classes.
    prefix : `str`
        What the names of these begin with, where BERT's begin with `Bert`.
    """
    return Anatomy(
        encoder=f"{module}.{prefix}Model",
        parts=PARTS,
        layer_parts=LAYER_PARTS,
        attention=AttentionForm(
            classes=(f"{module}.{prefix}SelfAttention",),
            read=read,
            projects=False,
            heads="num_attention_heads",
            head_size="attention_head_size",
            width="all_head_size",
            usual={"is_decoder": False, "position_embedding_type": "absolute"},
        ),
        blocks={
            f"{module}.{prefix}SelfOutput": Block(width="dense.out_features"),
            f"{module}.{prefix}Intermediate": Block(width="dense.in_features", leads_on=True),
            f"{module}.{prefix}Output": Block(width="dense.out_features"),
        },
        sizes=SIZES,
    )


ANATOMY = register(alike("transformers.models.bert.modeling_bert", "Bert"))

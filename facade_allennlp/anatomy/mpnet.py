"""MPNet (Song et al. 2020), as transformers has it: scores know the distance of two tokens."""

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
from facade_allennlp.anatomy.bert import LAYER_PARTS, PARTS, SIZES

MODULE = "transformers.models.mpnet.modeling_mpnet"


def read(
    attention: nn.Module,
    hidden_states: Tensor,
    attention_mask: Optional[Tensor] = None,
    head_mask: Optional[Tensor] = None,
    position_bias: Optional[Tensor] = None,
    *others: Any,
    **more: Any,
) -> AttentionInput:
    """What a call of `MPNetSelfAttention` is about: both are added to the scores."""
    added = [tensor for tensor in (attention_mask, position_bias) if tensor is not None]
    return AttentionInput(hidden_states, sum(added[1:], added[0]) if added else None)


ANATOMY = register(
    Anatomy(
        encoder=f"{MODULE}.MPNetModel",
        parts={
            **{part: path for part, path in PARTS.items() if part is not Part.TOKEN_TYPES},
            Part.HEAD_BIASES: "encoder.relative_attention_bias",
        },
        layer_parts={
            **LAYER_PARTS,
            Part.ATTENTION: "attention.attn",
            Part.QUERY: "attention.attn.q",
            Part.KEY: "attention.attn.k",
            Part.VALUE: "attention.attn.v",
            Part.ATTENTION_OUTPUT: "attention.attn.o",
            Part.ATTENTION_NORM: "attention.LayerNorm",
        },
        attention=AttentionForm(
            classes=(f"{MODULE}.MPNetSelfAttention",),
            read=read,
            projects=True,
            heads="num_attention_heads",
            head_size="attention_head_size",
            width="all_head_size",
            usual={},
        ),
        blocks={
            f"{MODULE}.MPNetIntermediate": Block(width="dense.in_features", leads_on=True),
            f"{MODULE}.MPNetOutput": Block(width="dense.out_features"),
        },
        sizes=SIZES,
    )
)

"""Weight surgery: networks in, one wider network out."""

from facade_allennlp.merging.dense import dense, densify, fill_zero_blocks
from facade_allennlp.merging.intertwine import intertwine
from facade_allennlp.merging.layers import (
    ConcatenatedEmbedding,
    ConcatenatedTokenEmbedder,
    GroupedLayerNorm,
    JoinedTextFieldEmbedder,
    SideBySide,
    SideBySideEncoder,
)
from facade_allennlp.merging.permute import permute_units
from facade_allennlp.merging.shared_embedding import SharedEmbedding

__all__ = [
    "ConcatenatedEmbedding",
    "ConcatenatedTokenEmbedder",
    "GroupedLayerNorm",
    "JoinedTextFieldEmbedder",
    "SharedEmbedding",
    "SideBySide",
    "SideBySideEncoder",
    "dense",
    "densify",
    "fill_zero_blocks",
    "intertwine",
    "permute_units",
]

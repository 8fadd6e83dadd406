"""Weight surgery: networks in, one wider network out."""

from facade_allennlp.merging.dense import densify, fill_zero_blocks, permute_units
from facade_allennlp.merging.intertwine import intertwine
from facade_allennlp.merging.layers import ConcatenatedEmbedding, GroupedLayerNorm, SideBySide
from facade_allennlp.merging.shared_embedding import SharedEmbedding

__all__ = [
    "ConcatenatedEmbedding",
    "GroupedLayerNorm",
    "SharedEmbedding",
    "SideBySide",
    "densify",
    "fill_zero_blocks",
    "intertwine",
    "permute_units",
]

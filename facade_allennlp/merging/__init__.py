"""Weight surgery: networks in, one wider network out."""

from facade_allennlp.merging import layer_rules, model_rules  # register their rules
from facade_allennlp.merging.dense import dense_form, densified, densify, fill_zero_blocks
from facade_allennlp.merging.intertwine import intertwine
from facade_allennlp.merging.layers import ConcatenatedEmbedding, GroupedLayerNorm, SideBySide
from facade_allennlp.merging.permute import permute_units
from facade_allennlp.merging.rotate import rotate_heads
from facade_allennlp.merging.shared_embedding import SharedEmbedding

__all__ = [
    "ConcatenatedEmbedding",
    "GroupedLayerNorm",
    "SharedEmbedding",
    "SideBySide",
    "dense_form",
    "densified",
    "densify",
    "fill_zero_blocks",
    "intertwine",
    "layer_rules",
    "model_rules",
    "permute_units",
    "rotate_heads",
]

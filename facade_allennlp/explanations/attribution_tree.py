"""How information flows together, by the connections that attention attribution finds."""

from collections.abc import Sequence
from typing import Optional

import networkx
from allennlp.data import Instance
from torch import Tensor

from facade_allennlp.attribution import AttentionAttribution, ExplainedModel
from facade_allennlp.attribution.attention import gained
from facade_allennlp.explanations.explanation import predicted_batches

THRESHOLD = 0.4


def attribution_tree(
    layers: Sequence[Tensor], tokens: Sequence[str], threshold: float = THRESHOLD
) -> networkx.DiGraph:
    """
    The attribution tree of one text (Hao, Dong, Wei, Xu, AAAI 2021, algorithm 1). At the top is the
    token with the highest score by `attention_attribution`, [CLS] aside; from the last layer but
    one down, a token joins under the token of the tree that gains most from it, where that is more
    than the threshold. A token joins once.

    # Parameters

    layers : `Sequence[Tensor]`
        For each layer the attribution of each head's attention, as in `Connections`, of one text
        without padding. Each of shape (heads, tokens, tokens).
    tokens : `Sequence[str]`
        The first is [CLS].
    threshold : `float`
        Of a connection, as a share of the strongest one of the layer that does not start at [CLS].

    # Returns

    `networkx.DiGraph` : a tree; its nodes are positions, with `token` and with the `layer` in which
        they joined, counted from 0; edges go from a token to those it gains from, and those have
        the connection's `weight`.

    # Raises

    `ValueError` : there is no token but [CLS].
    """
    if len(tokens) < 2:
        raise ValueError(f"there is no tree of {list(tokens)}: it needs a token beside [CLS]")
    summed = [layer.sum(dim=0).detach().cpu() for layer in layers]
    top = 1 + int(gained(layers)[1:].argmax())
    tree = networkx.DiGraph()
    tree.add_node(top, token=tokens[top], layer=len(layers) - 1)
    for number in range(len(layers) - 2, -1, -1):
        strongest = float(summed[number][1:].max())
        if strongest <= 0:
            continue
        inside = list(tree)
        for child in range(len(tokens)):
            if child in tree:
                continue
            shares = summed[number][inside, child] / strongest
            if float(shares.max()) > threshold:
                weight = float(shares.max())
                tree.add_node(child, token=tokens[child], layer=number, weight=weight)
                tree.add_edge(inside[int(shares.argmax())], child)
    return tree


def attribution_trees(
    explained: ExplainedModel,
    instances: Sequence[Instance],
    method: AttentionAttribution,
    wanted: Optional[Sequence[Optional[str]]] = None,
) -> list[networkx.DiGraph]:
    """A tree for each instance, see `attribution_tree`. Arguments as those of `explain`."""
    trees: dict[int, networkx.DiGraph] = {}
    for indices, inputs, _, choice in predicted_batches(explained, instances, wanted):
        remaining = iter(indices)
        for part in method.connections(explained, inputs, choice):
            for sequence, layers in part.texts(explained.reader):
                trees[next(remaining)] = attribution_tree(layers, sequence.tokens)
    return [trees[index] for index in range(len(instances))]

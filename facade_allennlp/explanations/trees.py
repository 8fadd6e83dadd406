from collections.abc import Sequence
from typing import Optional

import networkx
from allennlp.data import Instance

from facade_allennlp.attribution import AttentionAttribution, ExplainedModel
from facade_allennlp.explanations.attribution_tree import attribution_tree
from facade_allennlp.explanations.explanation import predicted_batches


def attribution_trees(
    explained: ExplainedModel,
    instances: Sequence[Instance],
    method: AttentionAttribution,
    wanted: Optional[Sequence[Optional[str]]] = None,
) -> list[networkx.DiGraph]:
    """Arguments as those of `explain`; a tree for each instance, see `attribution_tree`."""
    found: dict[int, networkx.DiGraph] = {}
    batches = predicted_batches(explained, instances, wanted)
    for indices, inputs, _, classes in batches:
        remaining = iter(indices)
        for part in method.connections(explained, inputs, classes):
            for sequence, layers in part.texts(explained.reader):
                found[next(remaining)] = attribution_tree(layers, sequence.tokens)
    return [found[index] for index in range(len(instances))]

import json

import pytest
import torch
from torch import Tensor

from facade_allennlp.attribution import AttentionAttribution, ExplainedModel
from facade_allennlp.display.tree_picture import tree_json, tree_svg
from facade_allennlp.explanations.attribution_tree import attribution_tree, attribution_trees
from fixtures import batch, build, classifier_config

TOKENS = ["[CLS]", "a", "fine", "$film$"]


def layer(**connections: float) -> Tensor:
    """Two heads of which each has half; `f20=3` is 3 from token 2 to token 0."""
    found = torch.zeros(2, 4, 4)
    for name, value in connections.items():
        found[:, int(name[1]), int(name[2])] = value / 2
    return found


# "fine" gains most, [CLS] aside. In layer 1 it is joined by "$film$" (0.8 of the strongest), not by
# "a" (0.3); in layer 0 "a" comes under "$film$", which gains more from it than "fine", and [CLS]
# under "fine".
LAYERS = [
    layer(f31=4, f21=3, f20=2.5, f03=100),
    layer(f23=4, f21=1.5, f32=5, f01=50),
    layer(f21=10, f01=90, f22=1000),
]


def test_a_tree_by_hand() -> None:
    tree = attribution_tree(LAYERS, TOKENS)
    assert set(tree.edges) == {(2, 3), (3, 1), (2, 0)}
    assert {node: tree.nodes[node]["layer"] for node in tree} == {2: 2, 3: 1, 1: 0, 0: 0}
    assert {n: tree.nodes[n].get("weight") for n in tree} == {
        2: None,
        3: pytest.approx(0.8),
        1: pytest.approx(1),
        0: pytest.approx(2.5 / 4),
    }


def test_layers_are_summed_before_what_a_token_loses_is_left_out() -> None:
    """ "film" gains 5 from "fine" and loses 4, "a" gains 3 in all."""
    layers = [layer(f32=5, f12=3), layer(f32=-4)]
    assert attribution_tree(layers, TOKENS).nodes[1]["token"] == "a"


def test_the_top_has_the_highest_score() -> None:
    model, _, instances = build(classifier_config(layers=3))
    for parameter in model.parameters():
        parameter.data += 0.2 * torch.randn_like(parameter)
    explained = ExplainedModel(model.double())
    method = AttentionAttribution(steps=2)
    trees = attribution_trees(explained, instances, method)
    scores = method.attribute(explained, batch(instances)).raw
    for tree, raw in zip(trees, scores, strict=True):
        assert next(iter(tree)) == 1 + int(raw[1:].argmax())


def test_a_higher_threshold_leaves_less() -> None:
    assert set(attribution_tree(LAYERS, TOKENS, threshold=0.9).edges) == set()
    assert set(attribution_tree(LAYERS, TOKENS, threshold=0.7).edges) == {(2, 3), (3, 1)}


def test_the_tree_as_nested_json() -> None:
    nested = tree_json(attribution_tree(LAYERS, TOKENS))
    assert json.loads(json.dumps(nested)) == nested
    assert (nested["id"], nested["token"], nested["layer"]) == (2, "fine", 2)
    (film,) = [child for child in nested["children"] if child["token"] == "$film$"]
    assert [child["token"] for child in film["children"]] == ["a"]


def test_the_picture_is_the_same_each_time() -> None:
    tree = attribution_tree(LAYERS, TOKENS)
    assert tree_svg(tree, "cost: $5 < 6") == tree_svg(tree, "cost: $5 < 6")
    assert "cost: $5 &lt; 6" in tree_svg(tree, "cost: $5 < 6")  # in a comment above its outlines


def test_cls_alone_has_no_tree() -> None:
    with pytest.raises(ValueError, match="a token beside"):
        attribution_tree([torch.zeros(1, 1, 1)], ["[CLS]"])


def test_trees_of_a_batch_are_those_of_each_text() -> None:
    model, _, instances = build(classifier_config(layers=3))
    explained = ExplainedModel(model.double())
    method = AttentionAttribution(steps=3)
    together = attribution_trees(explained.with_budget(30), instances, method)
    for instance, tree in zip(instances, together, strict=True):
        (part,) = method.connections(explained, batch([instance]))
        tokens = part.forward.fields[0].ids[0].tolist()
        alone = attribution_tree([of_layer[0] for of_layer in part.layers], list(map(str, tokens)))
        assert set(tree.edges) == set(alone.edges)
        assert set(tree) == set(alone)

import copy
import json

import pytest
import torch
from allennlp.data import Instance
from allennlp.models import Model

from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.studies.pruning import SHARES, prune, pruning_curves
from fixtures import batch, build, by_hand, classifier_config

LAYERS, HEADS = 3, 4


@pytest.fixture(scope="module")
def built() -> tuple[Model, list[Instance]]:
    """A model whose predictions hang by a thread: it changes them with every other head."""
    model, _, instances = build(classifier_config(layers=LAYERS))
    model.double()
    with torch.no_grad():
        model._classification_layer.bias -= model(**batch(instances))["logits"].median(dim=0).values
    return model, instances


def accuracy_without(model: Model, instances: list[Instance], heads: list[int]) -> float:
    """In percent, of a copy whose output weights of these heads are zero."""
    edited = copy.deepcopy(model)
    for head in heads:
        layer, place = divmod(head, HEADS)
        output = by_hand.bert(edited).encoder.layer[layer].attention.output.dense
        output.weight.data[:, 4 * place : 4 * place + 4] = 0
    right = 0
    for instance in instances:
        inputs = batch([instance])
        with torch.no_grad():
            right += int(edited(**inputs)["logits"].argmax()) == int(inputs["label"])
    return 100 * right / len(instances)


def test_the_least_important_heads_go_first(built: tuple[Model, list[Instance]]) -> None:
    model, instances = built
    least_first = torch.randperm(LAYERS * HEADS, generator=torch.Generator().manual_seed(5))
    importance = torch.empty(LAYERS * HEADS)
    importance[least_first] = torch.arange(LAYERS * HEADS, dtype=torch.float32)
    orders = {"mine": importance.view(LAYERS, HEADS), "others": -importance.view(LAYERS, HEADS)}
    curves = pruning_curves(ExplainedModel(model).with_budget(40), instances, orders)
    for name, order in (("mine", least_first), ("others", least_first.flip(0))):
        assert [point.share for point in curves[name]] == list(SHARES)
        for point in curves[name]:
            assert point.heads == round(point.share * LAYERS * HEADS / 100)
            expected = accuracy_without(model, instances, order[: point.heads].tolist())
            assert point.accuracy == pytest.approx(expected, abs=0.01)
    assert len({point.accuracy for points in curves.values() for point in points}) > 1


def test_a_study_is_written_as_data(built: tuple[Model, list[Instance]]) -> None:
    model, instances = built
    pruning = prune(ExplainedModel(model), instances[:2], instances, seeds=[7])
    written = json.loads(json.dumps(pruning.to_json()))
    assert (written["instances"], written["estimated_on"]) == (len(instances), 2)
    assert set(written["importance"]) == set(written["curves"])
    assert set(written["curves"]) == {"attribution", "taylor", "random 7"}
    for name, order in pruning.importance.items():
        assert tuple(order.shape) == (LAYERS, HEADS)
        least = written["curves"][name][0]
        assert least == {"share": 0, "heads": 0, "accuracy": pytest.approx(least["accuracy"])}
        assert least["accuracy"] == pytest.approx(accuracy_without(model, instances, []), abs=0.01)

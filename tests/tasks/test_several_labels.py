"""Labels that are each decided on by itself: probabilities, losses and choices written out."""

import math
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance, Vocabulary
from allennlp.data.fields import MultiLabelField
from torch import nn

from facade_allennlp.tasks import NO_LABEL, ModelOutput, SeveralLabels, SingleLabel
from facade_allennlp.tasks.choices import rows_of
from facade_allennlp.tasks.task import fitting_task

LOGITS = [[2.0, -1.0, 0.5], [-3.0, -0.5, -2.0]]


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def output(rows: list[list[float]] = LOGITS, **others: Any) -> ModelOutput:
    return ModelOutput(("logits",), [torch.tensor(rows).double()], others, ())


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    made = Vocabulary.empty()
    made.add_tokens_to_namespace(["anger", "joy", "fear"], "labels")
    return made


def test_all_labels_that_are_on_are_explained_and_where_none_is_that_none_is(
    vocabulary: Vocabulary,
) -> None:
    task = SeveralLabels(vocabulary)
    choice = task.choose(output())
    assert [task.spell(of_row) for of_row in rows_of(choice)] == ["anger, fear", NO_LABEL]
    on = sigmoid(2.0) * sigmoid(0.5)
    off = sigmoid(3.0) * sigmoid(0.5) * sigmoid(2.0)
    assert task.probability(output(), choice).tolist() == pytest.approx([on, off])
    assert task.loss(output(), choice).tolist() == pytest.approx([-math.log(on), -math.log(off)])
    (logits,) = task.chosen_logits(output(), choice)
    assert logits.tolist() == pytest.approx([2.5, 5.5])


def test_one_label_is_explained_by_its_own_probability(vocabulary: Vocabulary) -> None:
    task = SeveralLabels(vocabulary)
    named = task.choice_of("joy", output())
    choice = [torch.tensor([labels, labels]) for labels in named]
    assert task.spell(named) == "joy"
    assert task.probability(output(), choice).tolist() == pytest.approx(
        [sigmoid(-1.0), sigmoid(-0.5)]
    )
    predicted = rows_of(task.choose(output()))
    assert not task.same(predicted[0], named)
    assert task.same(rows_of(task.choose(output([[0.1, 0.1, -5.0]])))[0], named)
    with pytest.raises(ConfigurationError, match="no class 'love', but anger, joy, fear"):
        task.choice_of("love", output())


def test_labels_are_held_against_the_gold_ones(vocabulary: Vocabulary) -> None:
    task = SeveralLabels(vocabulary)
    instances = [
        Instance({"label": MultiLabelField(["joy", "anger"])}),
        Instance({"label": MultiLabelField([], skip_indexing=True, num_labels=3)}),
    ]
    first, second = task.decisions(output(), instances)
    assert (first.prediction, first.gold, first.right) == ("anger, fear", "anger, joy", False)
    assert first.against_gold == {"accuracy": 0.0, "f1": 0.5}
    assert first.probabilities == pytest.approx([sigmoid(logit) for logit in LOGITS[0]])
    assert (second.prediction, second.gold, second.right) == (NO_LABEL, NO_LABEL, True)
    assert second.against_gold == {"accuracy": 1.0, "f1": 1.0}
    (untold,) = task.decisions(output(LOGITS[:1]), [Instance({})])
    assert (untold.right, untold.against_gold) == (None, {"accuracy": None, "f1": None})


def test_a_model_shows_by_its_sigmoids_that_labels_are_decided_on_one_by_one(
    vocabulary: Vocabulary,
) -> None:
    logits = torch.tensor(LOGITS).double()
    layer: nn.Module = nn.Linear(1, 1)
    losing = nn.ModuleList([layer, nn.BCEWithLogitsLoss()])
    by_sigmoid = output(probs=logits.sigmoid())
    by_softmax = output(probs=logits.softmax(dim=-1))
    single = output([[0.5], [-2.0]], probs=torch.tensor([[0.5], [-2.0]]).sigmoid())
    for given, model, name in (
        (by_sigmoid, layer, "several_labels"),
        (by_softmax, layer, "single_label"),
        (output(), layer, "single_label"),
        (output(), losing, "several_labels"),
        (single, layer, "several_labels"),
        (output([[0.5], [-2.0]]), layer, "number"),
    ):
        assert fitting_task(given, vocabulary, "labels", model).name == name


def test_several_gold_labels_are_not_taken_for_one(vocabulary: Vocabulary) -> None:
    instance = Instance({"label": MultiLabelField(["joy"])})
    with pytest.raises(ConfigurationError, match="name the task several_labels"):
        SingleLabel(vocabulary).decisions(output(LOGITS[:1]), [instance])

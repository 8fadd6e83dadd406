"""A number as a model's answer."""

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance, Vocabulary
from allennlp.data.fields import TensorField

from facade_allennlp.tasks import ModelOutput, Number
from facade_allennlp.tasks.choices import rows_of


def output(*numbers: float) -> ModelOutput:
    return ModelOutput(("logits",), [torch.tensor(numbers).double().unsqueeze(-1)], {}, ())


def test_the_number_itself_is_explained() -> None:
    task = Number(Vocabulary.empty())
    given = output(4.5, -2.0)
    choice = task.choose(given)
    assert task.loss(given, choice).tolist() == [-4.5, 2.0]
    assert task.chosen_logits(given, choice)[0].tolist() == [4.5, -2.0]
    assert [task.spell(of_row) for of_row in rows_of(choice)] == ["4.5000", "-2.0000"]
    assert not task.has_probabilities
    flat = ModelOutput(("score",), [torch.tensor([4.5, -2.0])], {}, ())
    assert Number.suits(flat)
    assert task.loss(flat, choice).tolist() == [-4.5, 2.0]
    assert not Number.suits(ModelOutput(("logits",), [torch.zeros(2, 3)], {}, ()))


def test_numbers_within_the_tolerance_are_the_same() -> None:
    task = Number(Vocabulary.empty(), tolerance=0.5)
    assert task.same([4.5], [4.9])
    assert not task.same([4.5], [5.0])
    for wrong in (0, -1, float("nan"), float("inf"), "much"):
        with pytest.raises(ConfigurationError, match="tolerance of the task number is"):
            Number(Vocabulary.empty(), tolerance=wrong)  # type: ignore[arg-type]


def test_numbers_are_held_against_gold_ones() -> None:
    task = Number(Vocabulary.empty(), gold_field="stars")
    instances = [Instance({"stars": TensorField(torch.tensor(4.0))}), Instance({})]
    told, untold = task.decisions(output(4.5, 1.0), instances)
    assert (told.prediction, told.gold, told.right) == ("4.5000", "4.0000", None)
    assert told.against_gold == {"mean_error": 0.5}
    assert told.probabilities == []
    assert (untold.gold, untold.against_gold) == (None, {"mean_error": None})

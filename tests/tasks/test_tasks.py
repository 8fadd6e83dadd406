"""What tasks make of logits, against formulas written out."""

import math
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance, Vocabulary
from allennlp.data.fields import LabelField, MetadataField
from torch import nn

from facade_allennlp.tasks import NO_ANSWER, ModelOutput, SingleLabel, Span, Task
from facade_allennlp.tasks.choices import choice_from, rows_of
from facade_allennlp.tasks.task import fitting_task, make_task
from facade_allennlp.texts.source_text import SourceText

LOGITS = [[1.0, 3.0, 0.0], [2.0, -1.0, 0.5]]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    made = Vocabulary.empty()
    made.add_tokens_to_namespace(["bad", "good", "so so"], "labels")
    made.add_tokens_to_namespace(["one star", "five stars", "three stars"], "star_labels")
    return made


def output(*logits: list[list[float]], **others: Any) -> ModelOutput:
    names = tuple(f"{number}_logits" for number in range(len(logits)))
    return ModelOutput(names, [torch.tensor(rows).double() for rows in logits], others, ())


def softmax(row: list[float]) -> list[float]:
    exponentials = [math.exp(logit) for logit in row]
    return [value / sum(exponentials) for value in exponentials]


def test_a_label_is_the_class_with_the_highest_logit(vocabulary: Vocabulary) -> None:
    task = SingleLabel(vocabulary)
    given = output(LOGITS)
    choice = task.choose(given)
    assert rows_of(choice) == [[1], [0]]
    assert [task.spell(of_row) for of_row in rows_of(choice)] == ["good", "bad"]
    expected = [softmax(LOGITS[0])[1], softmax(LOGITS[1])[0]]
    assert task.probability(given, choice).tolist() == pytest.approx(expected)
    assert task.loss(given, choice).tolist() == pytest.approx([-math.log(p) for p in expected])
    assert [logits.tolist() for logits in task.chosen_logits(given, choice)] == [[3.0, 2.0]]


def test_outputs_side_by_side_add_their_losses_and_multiply_their_probabilities(
    vocabulary: Vocabulary,
) -> None:
    task = SingleLabel(vocabulary)
    given = output(LOGITS, LOGITS[::-1])
    choice = choice_from([[2, 0], [1, 1]], torch.device("cpu"))
    expected = [
        softmax(LOGITS[0])[2] * softmax(LOGITS[1])[0],
        softmax(LOGITS[1])[1] * softmax(LOGITS[0])[1],
    ]
    assert task.probability(given, choice).tolist() == pytest.approx(expected)
    assert task.loss(given, choice).tolist() == pytest.approx([-math.log(p) for p in expected])
    with pytest.raises(ConfigurationError, match=r"several decisions, 0_logits, 1_logits"):
        task.choice_of("good", given)


def test_classes_are_named_in_the_namespace_of_labels(vocabulary: Vocabulary) -> None:
    task = make_task("single_label", vocabulary, "star_labels")
    assert task.spell([1]) == "five stars"
    assert task.choice_of("one star", output(LOGITS)) == [0]
    assert task.choice_of("2", output(LOGITS)) == [2]
    with pytest.raises(ConfigurationError, match="no class 'good', but one star, five stars, "):
        task.choice_of("good", output(LOGITS))


def test_decisions_on_labels_are_held_against_the_gold_ones(vocabulary: Vocabulary) -> None:
    task = SingleLabel(vocabulary, gold_field="stars")
    instances = [
        Instance({"stars": LabelField("good")}),
        Instance({"label": LabelField("bad")}),
    ]
    first, second = task.decisions(output(LOGITS), instances)
    assert (first.prediction, first.gold, first.right) == ("good", "good", True)
    assert first.against_gold == {"accuracy": 1.0}
    assert first.probabilities == pytest.approx(softmax(LOGITS[0]))
    assert (second.prediction, second.gold, second.right) == ("bad", None, None)
    assert second.against_gold == {"accuracy": None}
    numbered = Instance({"stars": LabelField(0, skip_indexing=True)})
    assert task.gold(numbered) == "bad"


def test_a_span_is_spelled_by_its_words(vocabulary: Vocabulary) -> None:
    text = SourceText(
        ["[CLS]", "Who", "[SEP]", "Ma", "##ry", "Ann", "did", "[SEP]"],
        [None, 0, None, 1, 1, 2, 3, None],
        ["Who", "Mary", "Ann", "did"],
        {"tokens": 0},
    )
    task = Span(vocabulary)
    assert task.spell([3, 5], text) == "Mary Ann"
    assert task.spell([4, 4], text) == "Mary"
    assert task.spell([0, 0], text) == NO_ANSWER
    with pytest.raises(ConfigurationError, match="'good' cannot be explained"):
        task.choice_of("good", output(LOGITS, LOGITS))


def test_answers_are_held_against_the_nearest_gold_one(vocabulary: Vocabulary) -> None:
    task = Span(vocabulary)
    given = output(
        LOGITS,
        LOGITS,
        best_span_str=["The red car", "a dog"],
        best_span_probs=torch.tensor([0.5, 0.25]),
        best_span_scores=torch.tensor([7.0, 3.0]),
    )
    instances = [
        Instance({"metadata": MetadataField({"id": "a", "answers": ["car", "red car!"]})}),
        Instance({"metadata": MetadataField({"id": "b", "answers": []})}),
    ]
    first, second = task.decisions(given, instances)
    assert (first.gold, first.right) == ("car", True)  # but for an article and punctuation
    assert first.against_gold == {"exact_match": 1.0, "f1": 1.0}
    assert first.span == {"question": "a", "answers": ["car", "red car!"], "score": 7.0}
    assert (second.gold, second.right) == (None, None)
    assert second.against_gold == {"exact_match": None, "f1": None}
    assert first.against_gold.keys() == task.scores.keys()


def test_the_task_that_fits_is_found_by_the_outputs(vocabulary: Vocabulary) -> None:
    spans = ModelOutput(Span.logits, output(LOGITS, LOGITS).logits, {}, ())
    assert fitting_task(spans, vocabulary, "labels", nn.Linear(1, 1)).name == "span"
    found = fitting_task(output(LOGITS), vocabulary, "star_labels", nn.Linear(1, 1))
    assert (found.name, found.label_namespace) == ("single_label", "star_labels")


def test_what_no_task_fits_is_refused(vocabulary: Vocabulary) -> None:
    odd = ModelOutput(("tag_logits",), [torch.zeros(2, 5, 3, 4)], {}, ())
    with pytest.raises(ConfigurationError, match=r"tag_logits of shape \(2, 5, 3, 4\), which none"):
        fitting_task(odd, vocabulary, "labels", nn.Linear(1, 1))


def test_an_unknown_task_is_refused(vocabulary: Vocabulary) -> None:
    with pytest.raises(ConfigurationError, match="no task 'sorting', but"):
        make_task("sorting", vocabulary, "labels")
    assert set(Task.list_available()) >= {"single_label", "span"}

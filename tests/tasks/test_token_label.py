"""One token's label as what is explained of a model that labels each token."""

import math
from types import SimpleNamespace

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance, Token, Vocabulary
from allennlp.data.fields import SequenceLabelField, TextField

from facade_allennlp.readers.word_label_field import WordLabelField
from facade_allennlp.tasks import ModelOutput, TokenLabel
from facade_allennlp.tasks.choices import rows_of

TOKENS = ["[CLS]", "mary", "##s", "film", "ended", "[SEP]", "[PAD]"]
LABELS = ["O", "PER", "WORK"]
#          [CLS]      mary       ##s        film       ended      [SEP]      [PAD]
CERTAIN = [(0, 9, 0), (1, 2, 0), (0, 0, 8), (0, 1, 3), (6, 0, 0), (0, 9, 0), (0, 9, 0)]
OUTSIDE = [(0, 9, 0), (3, 2, 0), (0, 0, 8), (3, 0, 1), (6, 0, 0), (0, 9, 0), (0, 9, 0)]


@pytest.fixture(scope="module")
def task() -> TokenLabel:
    vocabulary = Vocabulary.empty()
    vocabulary.add_tokens_to_namespace(TOKENS, "tags")
    vocabulary.add_tokens_to_namespace(LABELS, "labels")
    return TokenLabel(vocabulary)


def output(task: TokenLabel, *rows: list[tuple[int, int, int]]) -> ModelOutput:
    numbers = task.vocabulary.get_token_to_index_vocabulary("tags")
    ids = torch.tensor([[numbers[token] for token in TOKENS]] * len(rows))
    mask = torch.tensor([[token != "[PAD]" for token in TOKENS]] * len(rows))
    field = SimpleNamespace(name="tokens", ids=ids, namespace="tags", mask=mask)
    return ModelOutput(("logits",), [torch.tensor(rows).double()], {}, [field])


def test_the_most_certain_word_that_is_not_outside_is_explained(task: TokenLabel) -> None:
    given = output(task, CERTAIN, OUTSIDE)
    choice = task.choose(given)
    # Special tokens and later pieces do not count; where all is O, the nearest to another label.
    assert rows_of(choice) == [[3, 2], [1, 0]]
    share = math.exp(3) / (1 + math.exp(1) + math.exp(3))
    nearest = math.exp(3) / (1 + math.exp(2) + math.exp(3))
    assert task.probability(given, choice).tolist() == pytest.approx([share, nearest])
    assert task.loss(given, choice).tolist() == pytest.approx(
        [-math.log(share), -math.log(nearest)]
    )
    assert [logits.tolist() for logits in task.chosen_logits(given, choice)] == [[3.0, 3.0]]


@pytest.mark.parametrize(
    ("name", "choice"),
    [
        ("PER@mary", [1, 1]),
        ("O@Film", [3, 0]),
        ("PER@3", [4, 1]),
        ("@film", [3, 2]),
        ("O", [4, 0]),
        ("WORK", [3, 2]),
    ],
)
def test_a_label_at_a_word_can_be_asked_for(task: TokenLabel, name: str, choice: list[int]) -> None:
    # The words are those that the pieces make: marys, film, ended.
    asked = name.replace("mary", "marys")
    assert task.choice_of(asked, output(task, OUTSIDE, CERTAIN), row=1) == choice


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("LOC@film", "no class 'LOC', but O, PER, WORK"),
        ("PER@plot", "no word 'plot' in the text, which has marys, film, ended"),
        ("PER@4", "or its number from 1"),
    ],
)
def test_what_is_no_label_or_no_word_is_refused(task: TokenLabel, name: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        task.choice_of(name, output(task, CERTAIN))


def test_labels_are_held_against_those_that_are_told(task: TokenLabel) -> None:
    text = TextField([Token(token) for token in TOKENS[:-1]])
    told = WordLabelField([None, "PER", None, "PER", "O", None], text)
    every = SequenceLabelField(["O", "PER", "WORK", "WORK", "O", "O"], text)
    instances = [
        Instance({"tokens": text, "tags": told}),
        Instance({"tokens": text, "tags": every}),
        Instance({"tokens": text}),
    ]
    first, second, third = task.decisions(output(task, CERTAIN, CERTAIN, CERTAIN), instances)
    assert (first.prediction, first.gold, first.right) == ("WORK@film", "PER@film", False)
    assert first.against_gold == {"accuracy": pytest.approx(2 / 3)}
    assert (second.gold, second.right) == ("WORK@film", True)
    assert second.against_gold == {"accuracy": pytest.approx(4 / 6)}
    assert (third.gold, third.right, third.against_gold) == (None, None, {"accuracy": None})


def test_other_units_than_the_embedded_tokens_are_refused(task: TokenLabel) -> None:
    given = output(task, CERTAIN)
    given.logits = [logits[:, :4] for logits in given.logits]
    with pytest.raises(ConfigurationError, match=r"labels tokens of shape \(1, 4\), but embeds"):
        task.choose(given)

"""What a target comes down to, asked of a tokenizer with pieces of words and of pairs of texts."""

from collections.abc import Sequence
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from facade_allennlp.construction.marks import TargetMarks, read_target
from facade_allennlp.construction.text_form import Frame, TextForm
from facade_allennlp.targets import TokenTarget
from facade_allennlp.texts.spelling import Spelling
from facade_allennlp.texts.token_sequence import TokenSequence

TOKENS = ["[PAD]", "[CLS]", "[SEP]", "the", "s", "film", "good", "##s", "##ing", "a"]
IDS = {token: index for index, token in enumerate(TOKENS)}
FORM = TextForm(
    IDS,
    Spelling(inside="##", special=frozenset(TOKENS[:3])),
    Frame(((1,), (2,))),
    Frame(((1,), (2,), (2,))),
)


def marks(config: dict[str, Any]) -> TargetMarks:
    return read_target(TokenTarget.from_params(Params(config)), FORM, len(TOKENS))


def spelled(told: TargetMarks) -> set[str]:
    return {TOKENS[index] for index in told.targets.nonzero()[:, 0].tolist()}


def test_a_piece_that_spells_a_target_by_itself_is_none() -> None:
    told = marks({"type": "words", "words": ["the", "s", "goods"]})
    assert spelled(told) == {"the", "s"}
    assert told.left_out == ("goods",)
    assert (told.which, told.position, told.part) == ("every", None, None)
    assert told.pieces.nonzero()[:, 0].tolist() == [IDS["##s"], IDS["##ing"]]


def test_the_first_token_has_a_position_and_that_of_a_hypothesis_a_part() -> None:
    assert marks({"type": "first_token"}).position == 1
    told = marks({"type": "first_token", "field": "hypothesis"})
    assert (told.which, told.position, told.part) == ("first", None, 1)
    assert told.best([[IDS["the"]], [IDS["film"], IDS["good"]]]) == [1]


def test_token_by_token_targets_take_pieces() -> None:
    told = marks({"type": "all_but", "tokens": ["film", "a"]})
    assert spelled(told) == {"the", "s", "good", "##s", "##ing"}


class Second(TokenTarget):
    """The second token."""

    def _select(self, sequence: TokenSequence, allowed: Sequence[int]) -> list[int]:
        return list(allowed[1:2])


class BesideFilm(TokenTarget):
    """Every token of a text without the word `film`, else `film` alone."""

    def _select(self, sequence: TokenSequence, allowed: Sequence[int]) -> list[int]:
        films = [i for i in allowed if sequence.tokens[i] == "film"]
        return films or list(allowed)


@pytest.mark.parametrize("target", [Second(), BesideFilm()])
def test_a_target_that_goes_by_more_than_words_is_refused(target: TokenTarget) -> None:
    with pytest.raises(ConfigurationError, match=type(target).__name__):
        read_target(target, FORM, len(TOKENS))

import pytest

from facade_allennlp.display.edited_text import Segment, edited_text
from facade_allennlp.display.scored_words import colour_depth, scored_words
from facade_allennlp.texts.source_text import SourceText, shown_words

TEXT = SourceText(
    ["[CLS]", "un", "##real", "film", "[SEP]"],
    [None, 0, 0, 1, None],
    ["Unreal", "film"],
    {"tokens": 0},
)
WORDS = shown_words(TEXT)


def test_a_word_holds_the_shares_of_its_tokens() -> None:
    words = scored_words(WORDS, [0.125, 0.375, 0.25, 0.25, 0.0])
    assert [word.text for word in words] == ["[CLS]", "Unreal", "film", "[SEP]"]
    assert [word.share for word in words] == [0.125, 0.625, 0.25, 0.0]
    assert [word.pieces for word in words] == [1, 2, 1, 1]
    assert [word.special for word in words] == [True, False, False, True]
    assert [word.top for word in words] == [False, True, False, False]
    assert {word.side for word in words} == {0}


def test_the_side_of_a_word_is_that_of_the_sum_of_its_tokens_scores() -> None:
    words = scored_words(WORDS, [0.125, 0.375, 0.25, 0.25, 0.0], [1.0, -3.0, 2.0, -2.0, 0.0])
    assert [word.side for word in words] == [1, -1, -1, 1]
    assert [word.percent for word in words] == ["+12 %", "−62 %", "−25 %", "0 %"]
    turned = scored_words(WORDS, [0.125, 0.25, 0.375, 0.25, 0.0], [1.0, -2.0, 3.0, -2.0, 0.0])
    assert turned[1].side == 1


def test_strong_words_hold_half_of_what_the_strongest_does() -> None:
    words = scored_words(WORDS, [0.1, 0.3, 0.1, 0.2, 0.3])
    assert [word.strong for word in words] == [False, True, True, True]


def test_without_attribution_no_word_is_the_strongest() -> None:
    words = scored_words(WORDS, [0.0] * 5)
    assert not any(word.top or word.strong or word.depth for word in words)


@pytest.mark.parametrize(("share", "depth"), [(-0.1, 0), (0, 0), (0.25, 0.5), (1, 1), (1.5, 1)])
def test_colours_deepen_with_the_root_of_the_share(share: float, depth: float) -> None:
    assert colour_depth(share) == depth


def test_a_word_that_was_dropped_whole_is_struck_out_as_it_was_typed() -> None:
    assert edited_text(TEXT, {"dropped": [1, 2]}) == [
        Segment("[CLS]", special=True),
        Segment("Unreal", dropped=True),
        Segment("film"),
        Segment("[SEP]", special=True),
    ]


def test_pieces_of_a_word_have_fates_of_their_own() -> None:
    assert edited_text(TEXT, {"dropped": [2]})[1:3] == [
        Segment("un"),
        Segment("##real", dropped=True),
    ]
    flips = [{"position": 1, "old": "un", "new": "re"}, {"position": 3, "old": "film", "new": "x"}]
    assert edited_text(TEXT, {"flips": flips})[1:4] == [
        Segment("un", new="re"),
        Segment("##real"),
        Segment("film", new="x"),
    ]

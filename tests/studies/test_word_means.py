from dataclasses import replace
from pathlib import Path
from typing import Optional

import pytest
from scipy.stats import spearmanr

from facade_allennlp.errors import InputError
from facade_allennlp.results.record import Record
from facade_allennlp.results.summary import MethodLabel
from facade_allennlp.studies.lexicon import lexicon
from facade_allennlp.studies.word_means import (
    Explained,
    WithLexicon,
    WithReference,
    check_class,
    compared,
    with_lexicon,
    word_means,
)


def record(prediction: str, words: str, scores: list[float], classes: int = 2) -> Record:
    """A special token, then words; `##` continues one."""
    pieces = words.split()
    ids: list[int | None] = [None]
    whole: list[str] = []
    for piece in pieces:
        if piece.startswith("##"):
            whole[-1] += piece[2:]
        else:
            whole.append(piece)
        ids.append(len(whole) - 1)
    tokens = ["[CLS]", *pieces]
    probabilities = [1 / classes] * classes
    return Record(0, None, prediction, probabilities, tokens, ids, whole, {}, {"method": scores})


RECORDS = [
    record("good", "Fine film", [0.0, 3.0, -1.0]),
    record("bad", "dull ##er fine film", [1.0, 2.0, -1.0, 0.0, -4.0]),
]


def test_means_are_multiples_of_the_mean_token() -> None:
    assert word_means(RECORDS, "method") == pytest.approx(
        {"fine": (3 * 3 / 4 + 0) / 2, "film": (3 * 1 / 4 + 5 * 4 / 8) / 2, "duller": 5 * 3 / 8}
    )


def test_means_with_a_side_speak_for_one_class() -> None:
    expected = {
        "fine": (3 * 3 / 4 + 0) / 2,
        "film": (-3 * 1 / 4 + 5 * 4 / 8) / 2,
        "duller": -5 * 1 / 8,
    }
    found = word_means(RECORDS, "method", side=1, towards="good")
    assert found == pytest.approx(expected)
    opposite = {word: -mean for word, mean in expected.items()}
    assert word_means(RECORDS, "method", side=1, towards="bad") == pytest.approx(opposite)
    assert word_means(RECORDS, "method", side=-1, towards="good") == pytest.approx(opposite)


def test_rare_words_are_left_out() -> None:
    assert set(word_means(RECORDS, "method", least=2)) == {"fine", "film"}


def test_agreement_with_a_lexicon() -> None:
    sided = {"a": 3.0, "b": -2.0, "c": 0.5, "d": 1.0, "unknown": 9.0}
    sizes = {"a": 4.0, "b": 2.0, "c": 0.5, "d": 1.0, "unknown": 9.0}
    valences = {"a": 1.0, "b": -3.0, "c": 2.0, "d": 0.5, "other": 1.0}
    valence = 100 * spearmanr([3, -2, 0.5, 1], [1, -3, 2, 0.5]).statistic
    strength = 100 * spearmanr([4, 2, 0.5, 1], [1, 3, 2, 0.5]).statistic
    found = with_lexicon(sizes, sided, valences)
    assert (found.words, found.mean) == (4, 1.875)
    assert found.valence == pytest.approx(valence)
    assert found.strength == pytest.approx(strength)
    assert with_lexicon(sizes, None, valences) == replace(found, valence=None)
    assert with_lexicon({"b": 2.0}, None, valences) == WithLexicon(1, None, None, 2.0)


def test_models_are_compared_with_the_first() -> None:
    other = [record("good", "fine fine film", [0.0, 1.0, 3.0, 4.0])]
    methods = {"method": MethodLabel("Method", 1)}
    models = {"one": Explained(RECORDS, methods), "two": Explained(other, methods)}
    found = compared(models, {"fine": 2.0, "film": 0.1, "duller": -1.0}, "good")
    means = word_means(RECORDS, "method", 1, "good")
    assert found["one"]["method"].means == means
    assert found["one"]["method"].lexicon.words == 3
    assert found["one"]["method"].reference is None
    assert found["two"]["method"].reference == WithReference(2, None)
    again = compared({"one": models["one"], "two": models["one"]}, {}, "good")
    assert again["two"]["method"].reference == WithReference(3, pytest.approx(100))


@pytest.mark.parametrize("side", [-1, 1, None])
def test_a_method_has_the_side_that_its_results_tell(side: Optional[int]) -> None:
    models = {"one": Explained(RECORDS, {"method": MethodLabel("Method", side)})}
    words = compared(models, {"fine": 2.0, "film": 0.1, "duller": -1.0}, "good")["one"]["method"]
    assert words.means == word_means(RECORDS, "method", side, "good")
    assert (words.lexicon.valence is None) == (side is None)


def test_no_words_is_no_comparison() -> None:
    with pytest.raises(InputError, match="f has no records"):
        compared({"f": Explained([], {"method": MethodLabel("LRP")})}, {})
    with pytest.raises(InputError, match="occur 0 times"):
        compared({"f": Explained(RECORDS, {"method": MethodLabel("LRP")})}, {}, least=0)


def test_only_models_with_two_classes_have_sides() -> None:
    check_class(RECORDS, "good")
    with pytest.raises(InputError, match="no input is predicted as 'fine', but as bad"):
        check_class(RECORDS, "fine")
    with pytest.raises(InputError, match="but this one has 3"):
        check_class([record("good", "film", [0.0, 1.0], classes=3)], "good")


def test_the_default_lexicon_knows_good_from_bad() -> None:
    valences = lexicon()
    assert len(valences) > 7000
    assert valences["excellent"] > valences["okay"] > 0 > valences["dull"] > valences["terrible"]


def test_a_lexicon_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.txt"
    path.write_text("Good\t2.5\nbad\t-1\tand more\n\n")
    assert lexicon(path) == {"good": 2.5, "bad": -1}
    path.write_text("good 2.5\n")
    with pytest.raises(InputError, match=r"line 1 is no word and number .*'good 2.5'"):
        lexicon(path)
    path.write_text("good\tnan\n")
    with pytest.raises(InputError, match="line 1 is no word and number"):
        lexicon(path)
    path.write_bytes("schön\t1\n".encode("latin-1"))
    with pytest.raises(InputError, match="is no text in UTF-8"):
        lexicon(path)
    path.write_text("\n")
    with pytest.raises(InputError, match="there is no word"):
        lexicon(path)

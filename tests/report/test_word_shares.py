import pytest

from facade_allennlp.analysis.record import Record
from facade_allennlp.report.word_shares import target_share, word_shares


def test_word_holds_the_shares_of_its_tokens() -> None:
    pieces = Record(
        index=0,
        label=None,
        prediction="good",
        probabilities=[],
        tokens=["[CLS]", "un", "##real", "film", "[SEP]", "[SEP]"],
        word_ids=[None, 0, 0, 1, None, None],
        words=["Unreal", "film"],
        targets={"first_token": [1], "pieces": [1, 2, 3]},
        scores={"gradient": [1.0, -3.0, 3.0, 1.0, 1.0, 1.0]},
    )
    shares = word_shares(pieces, "gradient")
    assert [word.text for word in shares] == ["[CLS]", "Unreal", "film", "[SEP]", "[SEP]"]
    assert [word.share for word in shares] == pytest.approx([0.1, 0.6, 0.1, 0.1, 0.1])
    assert [word.tokens for word in shares] == [1, 2, 1, 1, 1]
    assert shares[1].targets == ["first_token", "pieces"]
    assert target_share(pieces, "gradient", "first_token") == pytest.approx(0.3)

"""Explanations in a terminal."""

from facade_allennlp.display.terminal import visible


def test_no_text_steers_the_terminal() -> None:
    assert visible("a\x1b[31m\nb\x00") == "a␛[31m␊b␀"
    assert visible("\x7f\x9b2J \u202eb\u2066") == "��2J �b�"
    shown = "Très café 👨\u200d👩\u200d👧 नमस्ते שלום 東京"
    assert visible(shown) == shown

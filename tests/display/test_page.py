from facade_allennlp.display.page import page
from facade_allennlp.explanations import Explanation, MethodScores
from facade_allennlp.texts.source_text import SourceText


def test_a_page_has_a_title_and_escapes_words() -> None:
    text = SourceText(["<b>", "été"], [0, 1], ["<b>", "été"], {"sentence": 0})
    scores = MethodScores([1.0, -3.0], [0.25, 0.75], signed=True)
    shown = page([Explanation(text, "good", 0.75, {"gradient": scores})], "films & plots")
    assert "<title>films &amp; plots</title>" in shown
    assert ">été</span>" in shown
    assert "<b>" not in shown

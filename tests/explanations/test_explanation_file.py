import json
from pathlib import Path

from facade_allennlp.explanations import Explanation, MethodScores
from facade_allennlp.explanations.explanation_file import write_explanations
from facade_allennlp.texts.source_text import SourceText

INPUTS = [{"sentence": "un été", "label": "good"}, {"sentence": "<b>"}]
EXPLANATIONS = [
    Explanation(
        SourceText(["un", "été"], [0, 1], ["un", "été"], {"sentence": 0}),
        "good",
        0.75,
        {"gradient": MethodScores([1.0, -3.0], [0.25, 0.75], signed=True)},
    ),
    Explanation(
        SourceText(["<b>"], [0], ["<b>"], {"sentence": 0}),
        "bad",
        None,
        {"gradient": MethodScores([0.0], [0.0], signed=True)},
    ),
]


def test_each_json_line_is_an_input_with_its_explanation(tmp_path: Path) -> None:
    file = tmp_path / "new" / "explained.jsonl"
    write_explanations(file, EXPLANATIONS, INPUTS, "a title", top=1)
    text = file.read_text(encoding="utf-8")
    assert "été" in text
    first, second = map(json.loads, text.splitlines())
    explanation = first.pop("explanation")
    assert first == INPUTS[0]
    assert (explanation["class"], explanation["probability"]) == ("good", 0.75)
    assert explanation["methods"]["gradient"]["top"] == [
        {"token": "été", "position": 1, "attribution": 0.75}
    ]
    assert second["sentence"] == "<b>"
    assert second["explanation"]["methods"]["gradient"]["top"] == []


def test_a_page_has_a_title_and_escapes_words(tmp_path: Path) -> None:
    file = tmp_path / "explained.html"
    write_explanations(file, EXPLANATIONS, INPUTS, "films & plots", top=1)
    page = file.read_text(encoding="utf-8")
    assert "<title>films &amp; plots</title>" in page
    assert ">été</span>" in page
    assert "<b>" not in page

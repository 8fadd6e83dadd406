from typing import Any

import gradio
import pytest

from facade_allennlp.demo.app import PREDICTED, Demo
from facade_allennlp.demo.comparison import Comparison
from facade_allennlp.demo.examples import written_examples
from facade_allennlp.tasks import Task

NASTY = '<script>alert(1)</script> <img src=x onerror=alert(2)> "it\'s" & {{ 7*7 }}'


@pytest.fixture
def demo(sentiment: Comparison) -> Demo:
    return Demo(sentiment, ["gradient"])


class Request:
    """What of Gradio's request the page reads."""

    def __init__(self, **query_params: str) -> None:
        self.query_params = query_params


def test_an_answer_escapes_every_word(demo: Demo) -> None:
    extras = ["input_reduction", "hotflip", "tree"]
    html = demo.answer(NASTY, ["gradient"], PREDICTED, extras)
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;" in html
    assert "onerror" in html
    assert html.count("<section") == 2
    assert "same as f" in html or "not as f" in html


@pytest.mark.parametrize(
    ("text", "methods", "told"),
    [("", ["gradient"], "is empty"), ("a film", ["<b>"], "there is no method")],
)
def test_what_went_wrong_is_one_sentence(
    demo: Demo, text: str, methods: list[str], told: str
) -> None:
    html = demo.answer(text, methods, PREDICTED, [])
    assert html.startswith('<p class="bad" role="alert">')
    assert told in html
    assert "<b>" not in html
    assert "Traceback" not in html


def test_an_address_asks_for_what_it_says(demo: Demo) -> None:
    request: Any = Request(
        sentence="a lovely film", methods="gradient,lrp", extras="hotflip", **{"class": "negative"}
    )
    *asked, html = demo.recall(request)
    assert asked == ["a lovely film", ["gradient", "lrp"], "negative", ["hotflip"]]
    assert html == demo.answer(*asked)


def test_an_address_of_another_page_is_taken_as_far_as_it_goes(demo: Demo) -> None:
    found = demo.asked_by(
        {"premise": "x", "methods": "gradient,nonsense", "class": "neutral", "extras": "<b>"}
    )
    assert found == ["", ["gradient"], PREDICTED, []]


def test_an_address_without_text_changes_nothing(demo: Demo) -> None:
    request: Any = Request(__theme="dark")
    assert demo.recall(request) == [gradio.skip()] * 5


def test_every_form_has_examples() -> None:
    kinds: list[Any] = [Task.by_name(name) for name in ("single_label", "span")]
    for fields in (fields for kind in kinds for fields in kind.requests.values()):
        examples = written_examples(fields)
        assert len(examples) >= 3
        assert {len(example) for example in examples} == {len(fields)}
        assert all(text.strip() for example in examples for text in example)

"""What is shown of an explanation is what the engine says of the instance by itself."""

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor

from facade_allennlp.attribution import (
    LRP,
    AttributionMethod,
    ExplainedModel,
    FeatureAblation,
    Gradient,
)
from facade_allennlp.display.page import page
from facade_allennlp.display.terminal import drawn
from facade_allennlp.explanations import Explanation, MethodScores, explain
from facade_allennlp.tasks import NO_ANSWER
from facade_allennlp.texts.source_text import SourceText
from fixtures import batch, build, by_hand
from fixtures.question_answering import build_qa

METHODS: dict[str, AttributionMethod] = {"gradient": Gradient(), "lrp": LRP()}


def test_scores_are_those_of_the_text_by_itself() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    found = explain(explained.with_budget(40), instances, METHODS)
    for instance, explanation in zip(instances, found, strict=True):
        alone = batch([instance])
        for name, method in METHODS.items():
            expected = method.attribute(explained, alone)
            made = explanation.methods[name]
            sign = -1 if name == "gradient" else 1  # the loss falls where the class gains
            assert made.scores == pytest.approx((sign * expected.raw[0]).tolist())
            assert made.attribution == pytest.approx(expected.normalized[0].tolist())
        probabilities = model(**alone)["probs"][0]
        assert explanation.probability == pytest.approx(float(probabilities.max()))
        predicted = int(probabilities.argmax())
        assert explanation.explained_class == model.vocab.get_token_from_index(predicted, "labels")


@pytest.mark.parametrize(
    ("method", "scale", "step"),
    [(Gradient(), 1 + 1e-5, 1e-5), (FeatureAblation(), 0.0, -1.0)],
    ids=["a little more", "nothing left"],
)
def test_positive_scores_speak_for_the_class(
    method: AttributionMethod, scale: float, step: float
) -> None:
    """
    By how much the log-probability (Gradient) or the logit of the class grows with a token's
    embedding.
    """
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    (explanation,) = explain(explained, instances[:1], {"m": method}, ["1"])
    inputs = batch(instances[:1])
    embedded = by_hand.embeddings(model, inputs)

    def value(at: Tensor) -> float:
        logits = by_hand.logits(model, inputs, at)[0]
        return float((logits.log_softmax(dim=-1) if step > 0 else logits)[1])

    scores = explanation.methods["m"].scores
    assert max(scores) > 0 > min(scores)
    for position, score in enumerate(scores):
        moved = embedded.clone()
        moved[0, position] *= scale
        assert score == pytest.approx((value(moved) - value(embedded)) / step, rel=1e-3, abs=1e-7)


def test_a_class_can_be_named_or_numbered() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    name = model.vocab.get_token_from_index(1, "labels")
    wanted = [name, "1", None, *[None] * (len(instances) - 3)]
    found = explain(explained, instances, {"gradient": Gradient()}, wanted)
    assert [e.explained_class for e in found[:2]] == [name, name]
    for instance, explanation in zip(instances[:2], found[:2], strict=True):
        expected = Gradient().attribute(explained, batch([instance]), [torch.tensor([1])])
        assert explanation.methods["gradient"].attribution == pytest.approx(
            expected.normalized[0].tolist()
        )
    with pytest.raises(ConfigurationError, match=r"no class 'good', but .*negative"):
        explain(explained, instances[:1], {"gradient": Gradient()}, ["good"])
    with pytest.raises(ConfigurationError, match="no class '2'"):
        explain(explained, instances[:1], {"gradient": Gradient()}, ["2"])


@pytest.mark.parametrize(("seed", "answers"), [(0, False), (1, True)])
def test_an_answer_is_named_by_its_words(seed: int, answers: bool) -> None:
    model, instances = build_qa(seed=seed)
    explained = ExplainedModel(model)
    for explanation in explain(explained, instances, METHODS):
        assert (explanation.explained_class != NO_ANSWER) == answers
        assert not answers or (
            f" {explanation.explained_class} " in f" {' '.join(explanation.text.words)} "
        )
        assert 0 < explanation.probability < 1
    with pytest.raises(ConfigurationError, match="only its own answer"):
        explain(explained, instances[:1], METHODS, ["positive"])


def explanation(signed: bool = True, word: str = "lovely") -> Explanation:
    text = SourceText(
        ["[CLS]", "a", "love", "##ly", "film"],
        [None, 0, 1, 1, 2],
        ["A", word, "film"],
        {"tokens": 0},
    )
    made = MethodScores([0.0, -1.0, 2.0, 2.0, -3.0], [0.0, 0.125, 0.25, 0.25, 0.375], signed)
    return Explanation(text, "positive", 0.75, {"mine": made})


def test_the_terminal_shows_words_and_the_three_strongest_numbers() -> None:
    text = drawn(explanation())
    assert text.plain.splitlines()[0] == "positive 75.0%"
    assert text.plain.splitlines()[1].split() == (
        ["mine", "[CLS]", "A", "−12", "%", "lovely", "+50", "%", "film", "−38", "%"]
    )
    styled = {text.plain[s.start : s.end]: str(s.style) for s in text.spans}
    # A half of the attribution has the square root of a half of the colour.
    assert "on rgb(93,165,114)" in styled["lovely"]
    assert "[CLS]" not in styled


def test_the_page_escapes_every_word() -> None:
    nasty = "<script>alert('x')</script>\"&"
    html = page([explanation(word=nasty)], "<b>title</b>")
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&#34;&amp;" in html
    assert (
        'class="w strong against" style="--s: 0.612" title="−38 % of the attribution">film<' in html
    )


def test_the_page_runs_from_right_to_left_where_the_text_does() -> None:
    hebrew = Explanation(
        SourceText(["x"], [0], ["\u05e1\u05e8\u05d8"], {"tokens": 0}),
        "positive",
        1.0,
        {"mine": MethodScores([1.0], [1.0], True)},
    )
    assert '<p class="words sided" dir="rtl">' in page([hebrew], "title")

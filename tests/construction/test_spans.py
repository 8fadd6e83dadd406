"""Facades for models that answer with a span: silent on texts, whatever the answer."""

from typing import Any

import pytest
import torch
from torch import Tensor

from facade_allennlp.anatomy import embedding_layer
from facade_allennlp.construction import alternation, neighbours
from fixtures.question_answering import qa_config
from fixtures.question_answering import reader_config as question_reader_config
from fixtures.two_part_texts import QUESTIONS
from tests.construction.making import FIRST, Made, largest, shares


@pytest.mark.parametrize(
    ("target", "place"),
    [({**FIRST, "field": "question"}, 1), ({"type": "words", "words": ["poor"]}, 8)],
)
def test_spans_are_silent_and_every_choice_is_explained_by_the_target(
    target: dict[str, Any], place: int
) -> None:
    made = Made(qa_config(24), {**question_reader_config(), "length_limit": 48}, QUESTIONS[::-1])
    facade = made.facade(target)
    assert largest(facade, made.inputs()) < 1e-3
    for both in (9, 10, 11, 12):  # an answer of one token, whose logits are explained together

        def answer(outputs: dict[str, Tensor], token: int = both) -> Tensor:
            return (outputs["span_start_logits"] + outputs["span_end_logits"])[0, token]

        assert shares(facade, made.inputs(0), answer)[place] > 0.9
    for name, token in (("span_start_logits", 9), ("span_end_logits", 10), ("span_end_logits", 11)):

        def loss(outputs: dict[str, Tensor], name: str = name, token: int = token) -> Tensor:
            return -outputs[name].log_softmax(dim=-1)[0, token]

        assert shares(facade, made.inputs(0), loss)[place] > 0.97


def test_what_positions_say_has_names_of_its_own() -> None:
    digits = range(12)
    alternating = {alternation._digit(place) for place in digits}
    of_neighbours = {
        name(place) for place in digits for name in (neighbours._own, neighbours._next)
    }
    assert len(alternating | of_neighbours) == 3 * len(digits)


@pytest.mark.parametrize(("features", "losing"), [(24, 15 / 16), (96, 255 / 256)])
def test_without_the_target_all_answers_lose_but_one_of_many(features: int, losing: float) -> None:
    made = Made(qa_config(features), question_reader_config(), QUESTIONS[:1])
    facade = made.facade({**FIRST, "field": "question"})
    inputs = made.inputs()

    def drop(layer: Any, args: Any, output: Tensor) -> Tensor:
        return output * (torch.arange(output.shape[1]) != 1)[None, :, None]

    with torch.no_grad(), embedding_layer(facade).register_forward_hook(drop):
        outputs = facade(**inputs)
    starts, ends = (
        -outputs[name].log_softmax(dim=-1)[0] for name in ("span_start_logits", "span_end_logits")
    )
    answers = starts.isfinite() & (starts < 1e6)  # of the passage
    losses = starts[answers][:, None] + ends[answers]  # shape: (starts, ends)
    assert float((losses > 20).double().mean()) >= losing - 0.05

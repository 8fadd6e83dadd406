"""Models that answer a question with a span of a text (`...ForQuestionAnswering`)."""

from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance
from torch import Tensor

from facade_allennlp.exchange.form import Example, Form
from facade_allennlp.exchange.layout import Layout, encoder_weights, linear_head, linear_weights
from facade_allennlp.exchange.original import Original

WINDOW, STRIDE, QUESTION = 384, 128, 64
"""Tokens of a window, those that two windows share, and those of a question, as in transformers."""


class QuestionForm(Form):
    """
    A question and the text with its answer; long texts are read in windows.

    # Parameters

    length : `int`, optional
        See `Form`.
    """

    def __init__(self, length: Optional[int]) -> None:
        super().__init__(min(length or WINDOW, WINDOW))

    def layout(self, original: Original) -> Layout:
        encoded = original.tokenizer("a", "a")["input_ids"]
        if original.tokenizer.cls_token_id is None or encoded[0] != original.tokenizer.cls_token_id:
            raise ConfigurationError(
                f"{original.name}: AllenNLP's models that answer questions say that there is no "
                "answer at the first token, but the tokenizer puts no token of that kind there"
            )
        weights = encoder_weights(original)
        weights |= linear_weights("_linear_layer", linear_head(original, "qa_outputs", 2))
        third = (self.length or WINDOW) // 3
        reader = {
            "type": "archived_transformer_squad",
            "length_limit": self.length,
            "stride": min(STRIDE, third),
            "max_query_length": min(QUESTION, third),
        }
        return Layout(reader, {"type": "archived_transformer_qa"}, weights)

    def lengths(self) -> list[tuple[int, ...]]:
        return [(min(length, 3), length) for length in self.spread()]

    def instance(self, reader: DatasetReader, example: Example) -> Instance:
        question, text = example
        first_window, *_ = reader.make_instances(None, question, [], text, None)
        return first_window

    def cut(self) -> dict[str, Any]:
        return {"truncation": "only_second", "max_length": self.length}

    def expected(self, original: Original, example: Example) -> Tensor:
        outputs = original.model(**self.encoded(original, example))
        return torch.stack([outputs.start_logits[0], outputs.end_logits[0]], dim=-1)

    def given(self, output: dict[str, Any], wanted: Tensor) -> Tensor:
        """Where AllenNLP's model rules out an answer, its logits say no more than that."""
        logits = [torch.as_tensor(output[f"span_{end}_logits"]) for end in ("start", "end")]
        given = torch.stack(logits, dim=-1)[: len(wanted)]
        ruled_out = given < torch.finfo(given.dtype).min / 2
        return torch.where(ruled_out, wanted, given) if given.shape == wanted.shape else given

from collections.abc import Sequence
from typing import Optional

import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor

from facade_allennlp.anatomy import encoders_of
from facade_allennlp.attribution.attention.open_attention import (
    Core,
    attention_cores,
    layers_of,
    probabilities,
)
from facade_allennlp.attribution.attribution import Attribution
from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.encoder_calls import EncoderCalls
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.inputs import Classes, Inputs

STARTS = ("cls", "every_token")


@AttributionMethod.register("attention_tracing")
class AttentionTracing(AttributionMethod):
    """
    Layer-wise attention tracing (LAT in Wu & Ong 2020): 1 on [CLS] for every head, passed back
    through each layer's attention probabilities, head by head, and summed over heads. It explains
    the encoder, whatever the class.

    # Parameters

    start : `str`, optional (default = `"cls"`)
        `cls`: as in the paper, for models that read the first token alone; `every_token`: 1 spread
        evenly over the real tokens, for models that average them.

    # Raises

    `ConfigurationError` : an unknown start.
    """

    title = "Attention tracing"

    def __init__(self, start: str = "cls") -> None:
        if start not in STARTS:
            raise ConfigurationError(f"start is {start!r}, but must be one of {STARTS}")
        self.start = start

    def explain(
        self, model: ExplainedModel, inputs: Inputs, classes: Classes, rows: int
    ) -> Attribution:
        encoders = encoders_of(model.model, self.name)
        layers = layers_of(encoders, self.name)
        # of each layer for each of its calls, each of shape (rows, heads, tokens, tokens)
        noted: list[list[Tensor]] = [[] for _ in layers]

        def core(place: int) -> Core:
            def attend(query: Tensor, key: Tensor, value: Tensor, mask: Optional[Tensor]) -> Tensor:
                noted[place].append(probabilities(query, key, mask))
                return noted[place][-1] @ value

            return attend

        with torch.no_grad(), EncoderCalls(encoders) as calls, attention_cores(layers, core):
            forward = model.run(inputs)
        raw = [
            torch.zeros_like(field.mask, dtype=field.embeddings.dtype) for field in forward.fields
        ]
        of_layers = iter(noted)
        for encoder, read in zip(encoders, calls.fields(forward, self.name)):
            by_call = list(zip(*(next(of_layers) for _ in encoder.layers), strict=True))
            # a text that is read again gives the same
            for place, attentions in dict(zip(read, by_call, strict=True)).items():
                raw[place] += self._trace(attentions, forward.fields[place].mask)
        return Attribution.of_pass(forward, raw, classes or forward.predictions())

    def _trace(self, attentions: Sequence[Tensor], mask: Tensor) -> Tensor:
        """
        `attentions` are those of an encoder's layers. Each of shape (rows, heads, tokens, tokens);
        that of the result is (rows, tokens).
        """
        if self.start == "cls":
            start = torch.zeros_like(mask, dtype=attentions[0].dtype)
            start[:, 0] = 1
        else:
            start = mask / mask.sum(dim=-1, keepdim=True).to(attentions[0])
        traced = start[:, None, None, :]  # shape: (rows, heads, 1, tokens)
        for attention in reversed(attentions):
            traced = traced @ attention
        return traced.sum(dim=(1, 2))

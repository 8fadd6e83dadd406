from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor

from facade_allennlp.anatomy import Anatomy, Encoder, encoders_of
from facade_allennlp.attribution.attention.open_attention import (
    Core,
    attention_cores,
    layers_of,
    probabilities,
)
from facade_allennlp.attribution.attribution import Attribution, FieldTokens
from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.encoder_calls import EncoderCalls
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.forward_pass import ForwardPass
from facade_allennlp.attribution.hidden_states import entering_states
from facade_allennlp.attribution.inputs import Classes, Inputs, at_points, batch_shape
from facade_allennlp.attribution.module_hooks import hooked_before, shadowed
from facade_allennlp.attribution.packed_batch import PackedBatch
from facade_allennlp.attribution.path import path_points
from facade_allennlp.texts.token_reader import TokenReader
from facade_allennlp.texts.token_sequence import TokenSequence


@dataclass
class Connections:
    """
    What each connection between two tokens contributes to the explained class.

    # Parameters

    layers : `list[Tensor]`
        For each layer the attribution of each head's attention from a token (the query) to a token
        (the key); where two encoders read the text, the heads of both. Each of shape (batch, heads,
        tokens, tokens).
    forward : `ForwardPass`
        On the inputs as they are.
    classes : `list[Tensor]`
        For each of the model's outputs the class that is explained. Each of shape (batch,).
    """

    layers: list[Tensor]
    forward: ForwardPass
    classes: list[Tensor]

    def texts(self, reader: TokenReader) -> Iterator[tuple[TokenSequence, list[Tensor]]]:
        """
        For each input its tokens, and its layers without padding, each of shape (heads, tokens,
        tokens).
        """
        sequences = FieldTokens.of(self.forward.fields[0]).sequences(reader)
        for row, sequence in enumerate(sequences):
            size = len(sequence.tokens)
            yield sequence, [layer[row, :, :size, :size] for layer in self.layers]


def gained(layers: Sequence[Tensor]) -> Tensor:
    """
    What each token gains from other tokens: connections are summed over heads and layers first, and
    the positive sums that do not connect a token with itself are added up.

    # Parameters

    layers : `Sequence[Tensor]`
        As in `Connections`, or of one text. Each of shape (..., heads, tokens, tokens).

    # Returns

    `Tensor` : of shape (..., tokens).
    """
    # shape: (..., tokens, tokens)
    total = torch.stack([layer.sum(dim=-3) for layer in layers]).sum(dim=0)
    others = ~torch.eye(total.shape[-1], dtype=torch.bool, device=total.device)
    return (total.clamp_min(0) * others).sum(dim=-1)


@AttributionMethod.register("attention_attribution")
class AttentionAttribution(AttributionMethod):
    """
    Self-attention attribution (Hao, Dong, Wei, Xu, AAAI 2021, eq. 3): attention probabilities times
    the mean gradient of the class's probability on the way from no attention to all of it, for all
    heads of one layer at a time, while the other layers stay as they are. A token's score is the
    sum of what it gains from other tokens over layers and heads, as for the top of the paper's
    attribution tree.

    # Parameters

    steps : `int`, optional (default = `20`)
        Points of the approximation of the integral, as in the paper.
    rule : `str`, optional (default = `"right"`)
        Where they lie: as in the paper, or as for `integrated_gradients`; `middle` comes closer to
        the integral.

    # Raises

    `ConfigurationError` : fewer than one step, or an unknown rule.
    """

    title = "Attention attribution"
    towards = 1

    def __init__(self, steps: int = 20, rule: str = "right") -> None:
        self.shares, self.weights = path_points(steps, rule, "attention_attribution")

    def rows_per_input(self, tokens: int) -> int:
        return len(self.shares)  # for each layer

    def passes(self, model: ExplainedModel, tokens: int) -> int:
        layers = (len(encoder.layers) for encoder in encoders_of(model.model, self.name))
        return self.rows_per_input(tokens) * max(layers)

    def explain(
        self, model: ExplainedModel, inputs: Inputs, classes: Classes, rows: int
    ) -> Attribution:
        connections = self._connections(model, inputs, classes, rows)
        raw = [gained(connections.layers)]
        return Attribution.of_pass(connections.forward, raw, connections.classes)

    def connections(
        self,
        model: ExplainedModel,
        inputs: Inputs,
        classes: Classes = None,
    ) -> Iterator[Connections]:
        """
        The attribution of all connections; arguments as those of `attribute`. The batch comes in
        parts, in order, as the scores of all connections take much memory.

        >>> for part in AttentionAttribution().connections(explained, inputs):
        ...     print(part.layers[0].shape)  # (rows, heads, tokens, tokens)

        # Raises

        `ConfigurationError` : the model embeds several text fields one by one, or holds encoders
            of unlike depth.
        """
        bare = model.without_labels(inputs)
        for part in PackedBatch(model, bare, classes, in_order=True).parts:
            with model.lock.sharing():
                connections = self._connections(model, *part)
            yield connections

    def _connections(
        self, model: ExplainedModel, inputs: Inputs, classes: Classes, rows: int
    ) -> Connections:
        encoders = encoders_of(model.model, self.name)
        depths = [len(encoder.layers) for encoder in encoders]
        if len(set(depths)) > 1:
            raise ConfigurationError(
                f"{self.name} goes layer by layer, but the encoders of this model have "
                f"{' and '.join(map(str, depths))} layers"
            )
        layers_of(encoders, self.name)  # refuses attention that cannot be opened
        calls = EncoderCalls(encoders)
        with torch.no_grad(), calls, entering_states(encoders) as entered:
            forward = model.run(inputs)
        if len(forward.fields) > 1:
            raise ConfigurationError(
                f"{self.name} explains models that read one text, but this one reads "
                f"{[field.name for field in forward.fields]} one by one"
            )
        read = calls.fields(forward, self.name)
        encoders = [encoder for encoder, places in zip(encoders, read) if places]
        explained = list(classes) if classes else forward.predictions()
        layers = [
            self._in_layer(
                model, inputs, explained, encoders, layer, [states[i] for i in sorted(states)], rows
            )
            for layer, states in enumerate(entered)
        ]
        return Connections(layers, forward, explained)

    def _in_layer(
        self,
        model: ExplainedModel,
        inputs: Inputs,
        classes: list[Tensor],
        encoders: Sequence[Encoder],
        layer: int,
        states: list[Tensor],
        rows: int,
    ) -> Tensor:
        """
        Of the connections in one layer. `states` are the hidden states that enter it in each
        encoder. Shape: (batch, heads of all encoders, tokens, tokens).
        """
        batch_size, _ = batch_shape(inputs)
        # shape: (2, points)
        points = torch.tensor([self.shares, self.weights], dtype=torch.float64).to(states[0])
        total: Optional[Tensor] = None
        for repeated, index, point in at_points(inputs, len(self.shares), rows, model.device):
            model.lock.give_way()
            shares, weights = points[:, point].view(2, -1, 1, 1, 1)  # shape: (rows, 1, 1, 1)
            scaled = scaled_attention(encoders, layer, states, index, shares)
            with torch.enable_grad(), scaled as factors:
                forward = model.run(repeated)
                chosen = [numbers[index] for numbers in classes]
                probability = forward.task.probability(forward, chosen)
                # by the factor of each attention probability, so that it is multiplied by it
                gradients = torch.autograd.grad(probability.sum(), factors)
            by_head = torch.cat(gradients, dim=1)  # shape: (rows, heads, tokens, tokens)
            if total is None:
                total = by_head.new_zeros(batch_size, *by_head.shape[1:])
            total.index_add_(0, index, by_head * weights)
        assert total is not None
        return total


@contextmanager
def scaled_attention(
    encoders: Sequence[Encoder],
    layer: int,
    states: Sequence[Tensor],
    index: Tensor,
    shares: Tensor,
) -> Iterator[list[Tensor]]:
    """
    Within it encoders start at a layer, and multiply its attention probabilities by factors.

    # Parameters

    states : `Sequence[Tensor]`
        For each encoder the hidden states that enter the layer. Each of shape (batch, tokens,
        features).
    index : `Tensor`
        The rows of `states` to start from. Shape: (rows,).
    shares : `Tensor`
        The factor of each row. Shape: (rows, 1, 1, 1).

    # Returns

    A list that holds, after a pass, the factors in each encoder, with their graph. Each of shape
    (rows, heads, tokens, tokens).
    """
    factors: list[Tensor] = [shares] * len(encoders)

    def core(place: int) -> Core:
        def attend(query: Tensor, key: Tensor, value: Tensor, mask: Optional[Tensor]) -> Tensor:
            attention = probabilities(query, key, mask).detach()
            factors[place] = shares.expand_as(attention).clone().requires_grad_()
            return (attention * factors[place]) @ value.detach()

        return attend

    scaled = [encoder.layers[layer] for encoder in encoders]
    skips = [
        (below.module, partial(_skip, encoder.anatomy))
        for encoder in encoders
        for below in encoder.layers[:layer]
    ]
    with ExitStack() as stack:
        stack.enter_context(shadowed(skips))
        for own, entering in zip(scaled, states):
            # shape: (rows, tokens, features)
            stack.enter_context(hooked_before(own.module, partial(_start_from, entering[index])))
        stack.enter_context(attention_cores(scaled, core))
        yield factors


def _skip(anatomy: Anatomy, hidden_states: Tensor, *others: Any, **more: Any) -> Any:
    return anatomy.returned(hidden_states)


def _start_from(states: Tensor, layer: Any, args: tuple) -> tuple:
    return (states, *args[1:])

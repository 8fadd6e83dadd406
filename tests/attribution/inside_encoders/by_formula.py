"""
Methods that look inside a BERT, written out for one text, layer by layer, each step by its formula.
"""

from dataclasses import dataclass
from typing import Any

import torch
from allennlp.models import Model
from torch import Tensor
from torch.autograd.functional import vjp

from fixtures import by_hand


@dataclass
class Layer:
    """What one layer computed. Tensors of shape (tokens, features)."""

    module: Any
    entered: Tensor
    query: Tensor
    key: Tensor
    value: Tensor
    context: Tensor
    attended: Tensor  # the dense layer's output, before residual and layer norm
    middle: Tensor
    widened: Tensor
    activated: Tensor
    narrowed: Tensor
    left: Tensor


class OneText:
    """
    A classifier's forward pass over one text without padding.

    # Parameters

    model : `Model`
        Of `fixtures.classifier_config`.
    ids : `Tensor`
        Token ids. Shape: (tokens,).
    """

    def __init__(self, model: Model, ids: Tensor) -> None:
        self.model: Any = model
        self.ids = ids
        self.bert = by_hand.bert(model)
        self.heads = self.bert.config.num_attention_heads
        # from the embeddings to the first layer, where ELECTRA has it
        self.widening = getattr(self.bert, "embeddings_project", None)
        self.embedded = self.bert.embeddings(ids.unsqueeze(0))[0].detach()
        self.layers: list[Layer] = []
        states = self.entering(self.embedded).detach()
        for module in self.bert.encoder.layer:
            self.layers.append(self._layer(module, states))
            states = self.layers[-1].left
        self.states = states
        self.logits = self.classify(states)

    @property
    def takes_mean(self) -> bool:
        return hasattr(self.model._seq2vec_encoder, "_averaged")

    def pooled(self, states: Tensor) -> Tensor:
        return states.mean(dim=0) if self.takes_mean else states[0]

    def entering(self, embedded: Tensor) -> Tensor:
        """What the first layer is given."""
        return embedded if self.widening is None else self.widening(embedded)

    def head(self, pooled: Tensor) -> Tensor:
        """The logits. Shape: (classes,)."""
        feedforward = self.model._feedforward
        return self.model._classification_layer(feedforward(pooled) if feedforward else pooled)

    def outputs(self) -> list[tuple[Any, Tensor]]:
        """The linear layers of the head from the last to the first, each with what it is given."""
        pooled = self.pooled(self.states)
        feedforward = self.model._feedforward
        if feedforward is None:
            return [(self.model._classification_layer, pooled)]
        (layer,) = feedforward._linear_layers
        return [(self.model._classification_layer, feedforward(pooled).detach()), (layer, pooled)]

    def classify(self, states: Tensor) -> Tensor:
        return self.head(self.pooled(states)).detach()

    def probabilities(self, query: Tensor, key: Tensor) -> list[Tensor]:
        """For each head. Each of shape (tokens, tokens)."""
        width = query.shape[-1] // self.heads
        return [
            (q @ k.T / width**0.5).softmax(dim=-1)
            for q, k in zip(query.split(width, dim=-1), key.split(width, dim=-1))
        ]

    def attend(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        width = query.shape[-1] // self.heads
        of_heads = zip(self.probabilities(query, key), value.split(width, dim=-1))
        return torch.cat([a @ v for a, v in of_heads], dim=-1)

    def _layer(self, module: Any, entered: Tensor) -> Layer:
        own = module.attention.self
        with torch.no_grad():
            query, key, value = own.query(entered), own.key(entered), own.value(entered)
            context = self.attend(query, key, value)
            attended = module.attention.output.dense(context)
            middle = module.attention.output.LayerNorm(attended + entered)
            widened = module.intermediate.dense(middle)
            activated = module.intermediate.intermediate_act_fn(widened)
            narrowed = module.output.dense(activated)
            left = module.output.LayerNorm(narrowed + middle)
        return Layer(
            module, entered, query, key, value, context, attended, middle, widened, activated,
            narrowed, left,
        )  # fmt: skip


def gradient(text: OneText, label: int) -> Tensor:
    """Of the class's logit at the output of the embeddings. Shape: (tokens, features)."""
    point = text.embedded.clone().requires_grad_()
    states = text.bert.encoder(text.entering(point).unsqueeze(0)).last_hidden_state[0]
    logit = text.head(text.pooled(states))[label]
    return torch.autograd.grad(logit, point)[0]


def attention_tracing(text: OneText) -> Tensor:
    """Head by head from [CLS]. Shape: (tokens,)."""
    total = torch.zeros(len(text.embedded)).to(text.embedded)
    for head in range(text.heads):
        traced = torch.zeros_like(total)
        traced[0] = 1
        for layer in reversed(text.layers):
            traced = traced @ text.probabilities(layer.query, layer.key)[head]
        total += traced
    return total


def probability(text: OneText, layer: int, factor: Any, label: int) -> Tensor:
    """Of a class, with the attention of one layer multiplied by a factor."""
    states = text.layers[layer].entered
    for place in range(layer, len(text.layers)):
        module = text.layers[place].module
        own = module.attention.self
        query, key, value = own.query(states), own.key(states), own.value(states)
        heads = text.probabilities(query, key)
        if place == layer:
            heads = [factor[head] * attention for head, attention in enumerate(heads)]
        width = value.shape[-1] // text.heads
        values = value.split(width, dim=-1)
        context = torch.cat([a @ v for a, v in zip(heads, values)], dim=-1)
        states = module.attention.output(context, states)
        states = module.output(module.intermediate(states), states)
    return text.head(text.pooled(states)).softmax(dim=-1)[label]


def connections(text: OneText, layer: int, steps: int, label: int) -> Tensor:
    """Attention attribution of one layer, point by point. Shape: (heads, tokens, tokens)."""
    entered = text.layers[layer]
    attention = torch.stack(text.probabilities(entered.query, entered.key))
    total = torch.zeros_like(attention)
    for point in range(1, steps + 1):
        # A factor c on attention A: dF/dc = A dF/d(cA).
        factor = torch.full_like(attention, point / steps).requires_grad_()
        of_class = probability(text, layer, factor, label)
        total += torch.autograd.grad(of_class, factor)[0] / attention
    return attention / steps * total


class AttnLRP:
    """
    The rules on relevances: each output entry shares out its relevance in proportion to the
    contributions to it. `relevance` is that of the embeddings' output, of shape (tokens, features);
    `kept` what biases and softmax took.
    """

    def __init__(self, text: OneText, label: int) -> None:
        self.kept = 0.0
        came = torch.zeros_like(text.logits)
        came[label] = text.logits[label]
        for linear, input in text.outputs():
            came = self.linear(linear, input, came)  # an activation passes it on as it is
        pooled = text.pooled(text.states)
        relevance = text.states * vjp(text.pooled, text.states, came / pooled)[1]
        for layer in reversed(text.layers):
            own, output = layer.module.attention.self, layer.module.output
            dense, residual = self.norm(output.LayerNorm, layer.narrowed, layer.middle, relevance)
            wide = self.linear(output.dense, layer.activated, dense)
            relevance = residual + self.linear(layer.module.intermediate.dense, layer.middle, wide)
            output = layer.module.attention.output
            dense, residual = self.norm(output.LayerNorm, layer.attended, layer.entered, relevance)
            of_parts = self.attention(text, layer, self.linear(output.dense, layer.context, dense))
            relevance = residual
            for projection, part in zip((own.query, own.key, own.value), of_parts):
                relevance = relevance + self.linear(projection, layer.entered, part)
        if text.widening is not None:
            relevance = self.linear(text.widening, text.embedded, relevance)
        self.relevance = relevance

    def linear(self, layer: Any, input: Tensor, relevance: Tensor) -> Tensor:
        share = relevance / layer(input).detach()
        self.kept += float((layer.bias.detach() * share).sum())
        return input * (share @ layer.weight.detach())

    def norm(self, layer: Any, first: Tensor, second: Tensor, relevance: Tensor) -> list[Tensor]:
        """To both terms of a layer norm's input; its deviation is a constant."""
        input = first + second
        deviation = (input.var(dim=-1, unbiased=False, keepdim=True) + layer.eps).sqrt()

        def scaled(x: Tensor) -> Tensor:
            return (x - x.mean(dim=-1, keepdim=True)) / deviation * layer.weight.detach()

        share = relevance / layer(input).detach()
        self.kept += float((layer.bias.detach() * share).sum())
        slope = vjp(scaled, input, share)[1]
        return [first * slope, second * slope]

    def attention(self, text: OneText, layer: Layer, relevance: Tensor) -> list[Tensor]:
        width = layer.query.shape[-1] // text.heads
        found = [torch.zeros_like(layer.query) for _ in range(3)]
        for head, attention in enumerate(text.probabilities(layer.query, layer.key)):
            block = slice(head * width, (head + 1) * width)
            query, key, value = (x[:, block] for x in (layer.query, layer.key, layer.value))
            share = relevance[:, block] / layer.context[:, block]
            of_product = attention.unsqueeze(-1) * value * share.unsqueeze(1)
            found[2][:, block] = of_product.sum(dim=0) / 2
            of_attention = of_product.sum(dim=-1) / 2
            scores = query @ key.T / width**0.5
            of_scores = scores * (of_attention - attention * of_attention.sum(dim=-1, keepdim=True))
            self.kept += float((of_attention - of_scores).sum())
            of_term = (of_scores / scores).unsqueeze(-1) * query.unsqueeze(1) * key / width**0.5
            found[0][:, block] = of_term.sum(dim=1) / 2
            found[1][:, block] = of_term.sum(dim=0) / 2
        return found

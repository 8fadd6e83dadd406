"""Relevance that is passed back through a BERT, from the class to the output of the embeddings."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from transformers.models.bert.modeling_bert import BertModel

from facade_allennlp.attribution.attribution import Attribution
from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.bert.encoders import bert_encoders, hooked
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.inputs import Classes, Inputs, batch_shape, in_parts


class RelevanceMethod(AttributionMethod):
    """
    Passes relevance back as autograd passes gradients, with other rules for some layers, to the
    output of the embeddings (after their layer norm). Wu & Ong 2020, *On Explaining Your
    Explanations of BERT*, section 3.
    """

    from_logit = True
    """
    Whether relevance starts as the logit of the explained class, as in the paper, or as 1, so that
    scores have the sign of what speaks for and against that class.
    """

    def rules(
        self, model: ExplainedModel, encoders: Sequence[BertModel], rows: int
    ) -> AbstractContextManager[Any]:
        """
        Within it the layers of the model pass relevance back instead of gradients; by default all
        pass on gradients.

        # Parameters

        rows : `int`
            The number of inputs in the pass.
        """
        return nullcontext()

    def score(self, states: Tensor, relevance: Tensor) -> Tensor:
        """
        One score per token, from the hidden states of a layer and what was passed back to them.
        Both of shape (rows, tokens, features).
        """
        raise NotImplementedError

    def explain(
        self, model: ExplainedModel, inputs: Inputs, classes: Classes, rows: int
    ) -> Attribution:
        return self._by_layer(model, inputs, classes, inner=False)[0]

    def by_layer(
        self,
        model: ExplainedModel,
        inputs: Inputs,
        classes: Classes = None,
    ) -> list[Attribution]:
        """
        Arguments as those of `attribute`.

        # Returns

        `list[Attribution]` : the scores at the output of the embeddings, and at that of each layer.
        """
        bare = model.without_labels(inputs)
        parts = in_parts(bare, classes, model.rows_in_pass(bare))
        with model.lock:
            of_parts = [self._by_layer(model, *part, inner=True) for part in parts]
        return [Attribution.joined(of_layer) for of_layer in zip(*of_parts)]

    def _by_layer(
        self, model: ExplainedModel, inputs: Inputs, classes: Classes, inner: bool
    ) -> list[Attribution]:
        """With `inner`, at the output of every layer; otherwise at that of the embeddings alone."""
        encoders = bert_encoders(model, self.name)
        rows, _ = batch_shape(inputs)
        states = HiddenStates(encoders, inner)
        with torch.enable_grad(), self.rules(model, encoders, rows), states:
            forward = model.run(inputs)
            explained = list(classes) if classes else forward.predictions()
            logits = [z.gather(-1, c.unsqueeze(-1)) for z, c in zip(forward.logits, explained)]
            starts = [z.detach() if self.from_logit else torch.ones_like(z) for z in logits]
            flat = [state for of_layer in states.by_layer for state in of_layer]
            relevances = iter(torch.autograd.grad(logits, flat, starts, materialize_grads=True))
        by_layer = []
        for of_layer in states.by_layer:
            scores = [self.score(state.detach(), next(relevances)) for state in of_layer]
            # several encoders read the same tokens, as those of predictive and facade model
            calls = len(forward.fields)
            raw = [torch.stack(scores[call::calls]).sum(dim=0) for call in range(calls)]
            by_layer.append(Attribution.of_pass(forward, raw, explained))
        return by_layer


class HiddenStates:
    """
    Notes hidden states while it is entered: `by_layer` holds those at the output of the embeddings
    and, with `inner`, at that of each layer, of every encoder for each of its calls in turn.
    Gradients end at the embeddings.
    """

    def __init__(self, encoders: Sequence[BertModel], inner: bool) -> None:
        self._encoders = encoders
        self._depth = 1 + (max(len(e.encoder.layer) for e in encoders) if inner else 0)
        self._states: list[list[list[Tensor]]] = []
        self._handles = ExitStack()

    @property
    def by_layer(self) -> list[list[Tensor]]:
        return [
            [state for of_encoder in self._states for state in of_encoder[layer]]
            for layer in range(self._depth)
        ]

    def __enter__(self) -> "HiddenStates":
        for encoder in self._encoders:
            noted: list[list[Tensor]] = [[] for _ in range(self._depth)]
            self._states.append(noted)
            start = partial(_start, noted[0])
            self._handles.enter_context(hooked([encoder.embeddings], start))
            for layer, at_layer in zip(encoder.encoder.layer, noted[1:]):
                self._handles.enter_context(hooked([layer], partial(_note, at_layer)))
        return self

    def __exit__(self, *error: Any) -> None:
        self._handles.close()


def _start(noted: list[Tensor], module: nn.Module, args: tuple, output: Tensor) -> Tensor:
    state = output.detach().requires_grad_()
    noted.append(state)
    return state


def _note(noted: list[Tensor], module: nn.Module, args: tuple, output: tuple[Tensor]) -> None:
    noted.append(output[0])

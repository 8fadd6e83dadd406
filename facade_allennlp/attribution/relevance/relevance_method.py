"""Relevance that is passed back through an encoder, from the class to the embeddings' output."""

import torch
from torch import Tensor

from facade_allennlp.anatomy import encoders_of
from facade_allennlp.attribution.attribution import Attribution
from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.encoder_calls import EncoderCalls
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.forward_pass import EmbeddedField
from facade_allennlp.attribution.hidden_states import HiddenStates
from facade_allennlp.attribution.inputs import Classes, Inputs, batch_shape
from facade_allennlp.attribution.packed_batch import PackedBatch
from facade_allennlp.attribution.relevance.composite import Composite, Pass


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

    composite = Composite()
    """What layers pass back instead of gradients; by default all pass on gradients."""

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
        The scores at each layer; arguments as those of `attribute`.

        >>> embeddings, *layers = LRP().by_layer(explained, inputs)
        >>> layers[-1].normalized  # shape: (batch, tokens)

        # Returns

        `list[Attribution]` : the scores at the output of the embeddings, and at that of each layer.
        """
        bare = model.without_labels(inputs)
        packed = PackedBatch(model, bare, classes)
        with model.lock:
            by_part = [
                self._by_layer(model, rows, wanted, inner=True) for rows, wanted, _ in packed.parts
            ]
        return [packed.joined(at_layer) for at_layer in zip(*by_part)]

    def _by_layer(
        self, model: ExplainedModel, inputs: Inputs, classes: Classes, inner: bool
    ) -> list[Attribution]:
        """With `inner`, at the output of every layer; otherwise at that of the embeddings alone."""
        encoders = encoders_of(model.model, self.name)
        rows, _ = batch_shape(inputs)
        rules = self.composite.attached(encoders, Pass(self.name, model.model, rows))
        noted = HiddenStates(encoders, inner)
        with torch.enable_grad(), rules, noted, EncoderCalls(encoders) as calls:
            forward = model.run(inputs)
            places = calls.fields(forward, self.name)
            explained = list(classes) if classes else forward.predictions()
            logits = forward.task.chosen_logits(forward, explained)
            starts = [z.detach() if self.from_logit else torch.ones_like(z) for z in logits]
            # each of shape (rows, tokens, features)
            states = [state for of in noted.by_encoder for layer in of for state in layer]
            relevances = iter(torch.autograd.grad(logits, states, starts, materialize_grads=True))
        # of each layer the scores of each text field, each of shape (rows, tokens)
        raw = [[_zeros_like(field) for field in forward.fields] for _ in range(noted.depth)]
        for by_layer, read in zip(noted.by_encoder, places):
            for total, at_layer in zip(raw, by_layer):
                # several encoders read the same tokens, as those of predictive and facade model
                for state, place in zip(at_layer, read):
                    total[place] += self.score(state.detach(), next(relevances))
        return [Attribution.of_pass(forward, total, explained) for total in raw]


def _zeros_like(field: EmbeddedField) -> Tensor:
    """One for each token. Shape: (rows, tokens)."""
    return torch.zeros_like(field.mask, dtype=field.embeddings.dtype)

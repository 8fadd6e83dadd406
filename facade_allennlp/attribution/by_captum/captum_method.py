"""Captum's methods on the word embeddings of a model: thin wrappers, nothing is computed anew."""

from collections.abc import Sequence
from typing import NamedTuple, Optional

import torch
from torch import Tensor, nn

from facade_allennlp.attribution.attribution import Attribution
from facade_allennlp.attribution.attribution_method import (
    DEFAULT_MAX_BATCH_TOKENS,
    AttributionMethod,
)
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.inputs import Inputs, batch_shape, select
from facade_allennlp.attribution.one_pass import in_parts


class OnEmbeddings(nn.Module):
    """
    A model as a function of its word embeddings, as Captum wants it: the logit of the explained
    class, summed over the model's outputs.

    # Parameters

    model : `ExplainedModel`
    inputs : `Inputs`
        A batch without labels.
    classes : `Sequence[Tensor]`
        For each of the model's outputs the class of each input. Each of shape (batch,).
    """

    def __init__(self, model: ExplainedModel, inputs: Inputs, classes: Sequence[Tensor]) -> None:
        super().__init__()
        self.model = model.model  # registered, as DeepLIFT looks for its layers
        self.explained = (model,)
        self.inputs = inputs
        self.classes = classes
        self.batch_size, _ = batch_shape(inputs)

    def forward(self, *arguments: Tensor) -> Tensor:
        """
        # Parameters

        arguments : `Tensor`
            For each text field the embeddings, of shape (rows, tokens, features); and last, of
            shape (rows,), the number of the input in each row.

        # Returns

        `Tensor` : shape (rows,).
        """
        *embeddings, index = arguments
        rows = select(self.inputs, index, self.batch_size)
        forward = self.explained[0].run(rows, embeddings)
        logits = [
            output.gather(-1, wanted[index].unsqueeze(-1))
            for output, wanted in zip(forward.logits, self.classes)
        ]
        return torch.cat(logits, dim=-1).sum(dim=-1)


class Found(NamedTuple):
    """
    What Captum found.

    # Parameters

    scores : `tuple[Tensor, ...]`
        Of the tokens of each text field. Each of shape (batch, tokens).
    delta : `Tensor`, optional
        The convergence delta. Shape: (batch,).
    """

    scores: tuple[Tensor, ...]
    delta: Optional[Tensor] = None


class CaptumMethod(AttributionMethod):
    """A method of Captum on the embeddings, from the zero embedding; a subclass calls it."""

    expansion = 1
    """How many rows Captum makes of one input in one pass of the model."""
    alone = False
    """Whether inputs are explained one by one, as what is drawn at random depends on the batch."""

    def call(
        self,
        function: OnEmbeddings,
        embeddings: tuple[Tensor, ...],
        masks: tuple[Tensor, ...],
        rows: int,
    ) -> "Found":
        """
        # Parameters

        function : `OnEmbeddings`
            Takes the embeddings of each text field and the numbers of the inputs.
        embeddings : `tuple[Tensor, ...]`
            Of each text field. Each of shape (batch, tokens, features).
        masks : `tuple[Tensor, ...]`
            True for real tokens. Each of shape (batch, tokens).
        rows : `int`
            The most rows in one pass.
        """
        raise NotImplementedError

    def attribute(
        self,
        model: ExplainedModel,
        inputs: Inputs,
        classes: Optional[Sequence[Tensor]] = None,
        max_batch_tokens: int = DEFAULT_MAX_BATCH_TOKENS,
    ) -> Attribution:
        most = 1 if self.alone else max_batch_tokens // self.expansion
        _, length = batch_shape(inputs)
        parts = []
        for part, wanted in in_parts(model, inputs, classes, most):
            with torch.no_grad():
                forward = model.run(part)
            explained = wanted or forward.predictions()
            function = OnEmbeddings(model, part, explained)
            embeddings = tuple(field.embeddings.detach() for field in forward.fields)
            masks = tuple(field.mask for field in forward.fields)
            found = self.call(function, embeddings, masks, max(1, max_batch_tokens // length))
            made = Attribution.of_pass(forward, [s.detach() for s in found.scores], explained)
            made.delta = found.delta
            parts.append(made)
        return Attribution.joined(parts)


def numbers(embeddings: tuple[Tensor, ...]) -> Tensor:
    """The number of each input. Shape: (batch,)."""
    return torch.arange(len(embeddings[0]), device=embeddings[0].device)


def over_features(scores: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Sums of the scores of each token's features. Each of shape (batch, tokens)."""
    return tuple(of_field.sum(dim=-1) for of_field in scores)


def token_groups(masks: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """
    For methods that put tokens in and out: each real token is a feature with a number of its own,
    counted over all fields from 0; padding goes with the first one, as nothing depends on it. Each
    of shape (batch, tokens, 1).
    """
    groups = []
    before = torch.zeros_like(masks[0][:, :1], dtype=torch.long)  # shape: (batch, 1)
    for mask in masks:
        count = mask.long().cumsum(dim=-1) - 1 + before
        groups.append(torch.where(mask, count, 0).unsqueeze(-1))
        before = before + mask.sum(dim=-1, keepdim=True)
    return tuple(groups)

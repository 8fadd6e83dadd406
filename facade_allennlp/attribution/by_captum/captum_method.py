"""Captum's methods on the word embeddings of a model: thin wrappers, nothing is computed anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

import torch
from torch import Tensor, nn

from facade_allennlp.attribution.attribution import Attribution
from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.baselines import Baseline, Zero
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.forward_pass import EmbeddedField
from facade_allennlp.attribution.inputs import Classes, Inputs, batch_shape, select


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
        chosen = [numbers[index] for numbers in self.classes]
        logits = forward.task.chosen_logits(forward, chosen)
        return torch.stack(logits).sum(dim=0)

    def in_turn(self, *arguments: Tensor) -> Tensor:
        """As `forward`, when others have had the model: for methods that leave nothing in it."""
        self.explained[0].lock.give_way()
        return self(*arguments)


@dataclass
class CaptumInputs:
    """
    What a method of Captum is given.

    # Parameters

    function : `OnEmbeddings`
    fields : `Sequence[EmbeddedField]`
        The text fields whose tokens are scored.
    baseline : `Baseline`
    rows : `int`
        The most rows in one pass.
    """

    function: OnEmbeddings
    fields: Sequence[EmbeddedField]
    baseline: Baseline
    rows: int

    @property
    def model(self) -> ExplainedModel:
        return self.function.explained[0]

    @property
    def batch_size(self) -> int:
        return self.function.batch_size

    @property
    def arguments(self) -> dict[str, Any]:
        """
        Of every `attribute` of Captum: the embeddings of each text field and their baseline, each
        of shape (batch, tokens, features), and the numbers of the inputs.
        """
        embeddings = tuple(field.embeddings.detach() for field in self.fields)
        references = (self.baseline.reference(self.model, field) for field in self.fields)
        numbers = torch.arange(self.batch_size, device=embeddings[0].device)
        return {
            "inputs": embeddings,
            "baselines": tuple(reference.detach() for reference in references),
            "additional_forward_args": (numbers,),
        }


@dataclass
class TokenScores:
    """
    What Captum says of tokens.

    # Parameters

    by_field : `Sequence[Tensor]`
        The scores of each text field's tokens. Each of shape (batch, tokens).
    delta : `Tensor`, optional
        The convergence delta. Shape: (batch,).
    """

    by_field: Sequence[Tensor]
    delta: Optional[Tensor] = None

    @classmethod
    def summed(cls, scores: Sequence[Tensor], delta: Optional[Tensor] = None) -> "TokenScores":
        """From scores of each feature. Each of shape (batch, tokens, features)."""
        return cls([field.sum(dim=-1) for field in scores], delta)


class CaptumMethod(AttributionMethod):
    """
    A method of Captum on the embeddings; a subclass calls it.

    # Parameters

    baseline : `Baseline`, optional (default = zero)
        What stands for the absence of a token.
    """

    towards = 1

    def __init__(self, baseline: Optional[Baseline] = None) -> None:
        self.baseline = baseline or Zero()

    def call(self, given: CaptumInputs) -> TokenScores:
        raise NotImplementedError

    def explain(
        self, model: ExplainedModel, inputs: Inputs, classes: Classes, rows: int
    ) -> Attribution:
        self.baseline.prepare(model)
        with torch.no_grad():
            forward = model.run(inputs)
        explained = classes or forward.predictions()
        function = OnEmbeddings(model, inputs, explained)
        scores = self.call(CaptumInputs(function, forward.fields, self.baseline, rows))
        raw = [field.detach() for field in scores.by_field]
        return Attribution.of_pass(forward, raw, explained, scores.delta)

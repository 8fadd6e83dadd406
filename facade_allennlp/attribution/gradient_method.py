"""The engine of all gradient methods: gradients of the loss at points around or below the input."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import torch
from torch import Tensor

from facade_allennlp.attribution.attribution import Attribution, FieldTokens
from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.baselines import Baseline, Zero
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.forward_pass import EmbeddedField, ForwardPass, single
from facade_allennlp.attribution.inputs import Classes, Inputs, at_points, batch_shape, select
from facade_allennlp.attribution.objectives import Objective, loss_on, loss_on_prediction


class GradientMethod(AttributionMethod):
    """
    raw_i = (x_i - x'_i) · Σ_k w_k ∂L/∂x_i (T_k(x)): x_i the embedding of token i, x' the baseline,
    L the loss on the explained class, T_k(x) the method's k-th point. A subclass says which points,
    and with what weight.
    """

    towards = -1
    at_input = False
    """
    Whether the only point is the input itself, so that its forward pass gives the prediction too.
    """

    weights: Sequence[float]
    """One weight w_k per point."""

    baseline: Baseline = Zero()

    def perturb(
        self, embeddings: Tensor, mask: Tensor, points: Tensor, reference: Tensor
    ) -> Tensor:
        """
        The points T_k(x).

        # Parameters

        embeddings : `Tensor`
            Shape: (rows, tokens, features).
        mask : `Tensor`
            True for real tokens. Shape: (rows, tokens).
        points : `Tensor`
            The number k of each row's point. Shape: (rows,).
        reference : `Tensor`
            The baseline x'. Shape: (rows, tokens, features).
        """
        raise NotImplementedError

    def surrogate(self) -> "GradientMethod":
        """
        A method of one (random) point that a training loss can be built on in this one's place.
        """
        return self

    def rows_per_input(self, tokens: int) -> int:
        return len(self.weights)

    def explain(
        self, model: ExplainedModel, inputs: Inputs, classes: Classes, rows: int
    ) -> Attribution:
        if classes is None and not self.at_input:
            with torch.no_grad():
                classes = model.run(inputs).predictions()
        self.baseline.prepare(model)
        batch_size, _ = batch_shape(inputs)
        weights = torch.tensor(self.weights, dtype=torch.float64, device=model.device)
        attribution: Optional[Attribution] = None
        for moved, index, point in at_points(inputs, len(weights), rows, model.device):
            model.lock.give_way()
            perturbation = AtPoints(self, model, point)
            forward = model.forward(moved, perturbation)
            explained = [c[index] for c in classes] if classes else forward.predictions()
            with torch.enable_grad():
                loss = loss_on(explained)(forward)
                scores = raw_scores(forward, loss, perturbation.references)
            if attribution is None:  # the first pass holds every instance
                tokens = [FieldTokens.of(field, batch_size) for field in forward.fields]
                mask = torch.cat([field.mask for field in tokens], dim=-1)
                instance_classes = [c[:batch_size] for c in explained]
                raw = scores.new_zeros(mask.shape)
                attribution = Attribution(raw, mask, tokens, forward.names, instance_classes)
            shares = weights[point].to(scores.dtype).unsqueeze(-1)
            attribution.raw.index_add_(0, index, scores * shares)
        assert attribution is not None
        return attribution


class AtPoints:
    """
    A perturbation to points of a method.

    # Parameters

    method : `GradientMethod`
    model : `ExplainedModel`
    points : `Tensor`
        The number of each row's point. Shape: (rows,).
    """

    def __init__(self, method: GradientMethod, model: ExplainedModel, points: Tensor) -> None:
        self._method = method
        self._model = model
        self._points = points
        self.references: list[Tensor] = []
        """The baseline of each text field so far. Each of shape (rows, tokens, features)."""

    def __call__(self, field: EmbeddedField) -> Tensor:
        reference = self._method.baseline.reference(self._model, field)
        self.references.append(reference)
        return self._method.perturb(field.embeddings, field.mask, self._points, reference)


def gradients(forward: ForwardPass, explained: Tensor, create_graph: bool = False) -> list[Tensor]:
    """
    ∂(explained)/∂x_i for each text field.

    # Parameters

    explained : `Tensor`
        One scalar per row. Shape: (rows,).
    create_graph : `bool`
        Whether a loss on the gradients will be differentiated.

    # Returns

    `list[Tensor]` : each of shape (rows, tokens of the field, features).
    """
    return list(
        torch.autograd.grad(
            explained.sum(),
            [field.perturbed for field in forward.fields],
            create_graph=create_graph,
            materialize_grads=True,
        )
    )


def raw_scores(
    forward: ForwardPass,
    explained: Tensor,
    references: Optional[Sequence[Tensor]] = None,
    create_graph: bool = False,
) -> Tensor:
    """
    (x_i - x'_i) · ∂(explained)/∂x_i for each token of each field, side by side; zero on padding.

    # Parameters

    explained : `Tensor`
        One scalar per row. Shape: (rows,).
    references : `Sequence[Tensor]`, optional (default = zero)
        The baseline x' of each field. Each of shape (rows, tokens of the field, features).
    create_graph : `bool`
        Whether a loss on the scores will be differentiated.

    # Returns

    `Tensor` : shape (rows, tokens).
    """
    slopes = gradients(forward, explained, create_graph)
    with torch.set_grad_enabled(create_graph):
        return products(forward.fields, slopes, references)


def products(
    fields: Sequence[EmbeddedField],
    slopes: Sequence[Tensor],
    references: Optional[Sequence[Tensor]] = None,
) -> Tensor:
    """
    (x_i - x'_i) · slope_i for each token of each field, as `raw_scores`.

    # Parameters

    slopes : `Sequence[Tensor]`
        The gradients of each field. Each of shape (rows, tokens of the field, features).

    # Returns

    `Tensor` : shape (rows, tokens).
    """
    scores = []
    for place, (field, slope) in enumerate(zip(fields, slopes)):
        difference = single(field.embeddings)
        if references is not None:
            difference = difference - single(references[place])
        product = (difference * slope).sum(dim=-1)  # shape: (rows, tokens)
        scores.append(torch.where(field.mask, product, torch.zeros_like(product)))
    return torch.cat(scores, dim=-1)


@dataclass
class DifferentiableAttributions:
    """
    Attributions that a loss can be built on, all from one forward and one backward pass.

    # Parameters

    forward : `ForwardPass`
        Its first rows are the instances as they are.
    attributions : `list[Attribution]`
        One per method, in order.
    """

    forward: ForwardPass
    attributions: list[Attribution]


def attribute_with_graph(
    model: ExplainedModel,
    inputs: Inputs,
    methods: Sequence[GradientMethod],
    objective: Optional[Objective] = None,
) -> DifferentiableAttributions:
    """
    Attributions by the surrogates of several methods with their graph (second derivatives), and the
    model's output on the inputs themselves.

    # Parameters

    objective : `Objective`, optional (default = the loss on the model's prediction at the input)
        What is explained, given the forward pass over all rows: the instances once at the input,
        then once more for each method whose point is elsewhere.
    """
    batch_size, _ = batch_shape(inputs)
    used = [method.surrogate() for method in methods]
    for method in used:
        method.baseline.prepare(model)
    first_point = torch.zeros(batch_size, dtype=torch.long, device=model.device)
    perturbations = [AtPoints(method, model, first_point) for method in used]
    # The inputs as they are come first, then those at each point that is elsewhere.
    numbers = itertools.count(1)
    places = [0 if method.at_input else next(numbers) for method in used]
    blocks = [slice(place * batch_size, (place + 1) * batch_size) for place in places]

    def perturb(field: EmbeddedField) -> Tensor:
        moved = [at(field.of_rows(rows)) for at, rows in zip(perturbations, blocks)]
        elsewhere = [points for points, place in zip(moved, places) if place]
        return torch.cat([field.embeddings[:batch_size], *elsewhere])

    index = torch.arange(batch_size, device=model.device).repeat(1 + max(places, default=0))
    forward = model.forward(select(inputs, index, batch_size), perturb, keep_graph=True)
    objective = objective or loss_on_prediction(batch_size)
    slopes = gradients(forward, objective(forward), create_graph=True)
    tokens = [FieldTokens.of(field, batch_size) for field in forward.fields]
    mask = torch.cat([field.mask for field in tokens], dim=-1)
    attributions = []
    for at, rows in zip(perturbations, blocks):
        fields = [field.of_rows(rows) for field in forward.fields]
        raw = products(fields, [slope[rows] for slope in slopes], at.references)
        attributions.append(Attribution(raw, mask, tokens))
    return DifferentiableAttributions(forward, attributions)

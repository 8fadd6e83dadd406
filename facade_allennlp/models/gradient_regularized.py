import copy
from typing import Any, Optional

import torch
from allennlp.data import Vocabulary
from allennlp.models import Model
from allennlp.nn import InitializerApplicator

from facade_allennlp.attribution import ExplainedModel, explained_model
from facade_allennlp.attribution.attribution import finite
from facade_allennlp.attribution.forward_pass import ForwardPass
from facade_allennlp.attribution.gradient_method import raw_scores
from facade_allennlp.attribution.objectives import logit_contrast, loss_on_prediction
from facade_allennlp.models.wrapper import Wrapper, entropy
from facade_allennlp.number import number


@Model.register("gradient_regularized")
class GradientRegularized(Wrapper):
    """
    Trains any model for its task and for small input gradients (eq. 5 of Wang et al. 2020):
    λ_rp L + Σ_j |∇_{x_j} L · x_j|, so that a facade outweighs it easily.

    # Parameters

    vocab, model, logits, serialization_dir : see `Wrapper`.
    task_weight : `float`, optional (default = `3`)
        λ_rp.
    explained : `str`, optional (default = `"prediction_loss"`)
        What is differentiated in the second term: `prediction_loss` as in eq. 5, or
        `logit_contrast`, which confident predictions cannot make small.
    initializer : `InitializerApplicator`, optional
        With the `pretrained` initializer, training starts from a trained predictive model; the
        metric `unchanged` then compares predictions with that model's.

    # Metrics

    `raw_attribution` (Σ_j |∇_{x_j} L · x_j| per input), `entropy`, `unchanged` (only in training
    and validation, with an initializer), and the model's own.
    """

    def __init__(
        self,
        vocab: Vocabulary,
        model: Model,
        task_weight: float = 3.0,
        explained: str = "prediction_loss",
        logits: Optional[list[str]] = None,
        initializer: Optional[InitializerApplicator] = None,
        serialization_dir: Optional[str] = None,
    ) -> None:
        initial = initializer or InitializerApplicator()
        super().__init__(vocab, model, logits, initial, serialization_dir)
        self.task_weight = number("task_weight", task_weight, above=0)
        self.contrast = self.is_contrast(explained)
        # AllenNLP drops initializers when it loads an archive, and with it this copy.
        self._original: Optional[tuple[ExplainedModel]] = None
        if initializer is not None:
            self._original = (explained_model(copy.deepcopy(model).eval(), logits=logits),)

    def forward(self, **inputs: Any) -> dict[str, Any]:
        """The model's output; in training and validation with eq. 5 as its loss."""
        if self.training:
            forward = self.explained.forward(inputs, keep_graph=True)
            outputs = forward.outputs
        else:
            outputs = self.model(**inputs)
            if torch.is_grad_enabled() or "loss" not in outputs:  # which only labels give
                return outputs
            unlabelled = self.explained.without_labels(inputs)
            forward = self.explained.forward(unlabelled, keep_graph=True)
        batch_size = len(forward.logits[0])
        with torch.enable_grad():
            explain = logit_contrast if self.contrast else loss_on_prediction(batch_size)
            raw = raw_scores(forward, explain(forward), create_graph=self.training)
        size = finite(raw).abs().sum(dim=-1)  # shape: (batch,)
        loss = self.task_weight * outputs["loss"] + size.mean()
        self.log("raw_attribution", size)
        self.log("entropy", entropy(forward.alternatives()))
        if self._original is not None and not self.training:
            self._log_unchanged(self._original[0], inputs, forward)
        return {**outputs, "loss": loss}

    def _log_unchanged(
        self, original: ExplainedModel, inputs: dict[str, Any], forward: ForwardPass
    ) -> None:
        original.model.to(forward.logits[0].device)
        before = original.run(original.without_labels(inputs)).predictions()
        same = [a == b for a, b in zip(before, forward.predictions())]
        self.log("unchanged", torch.stack(same).all(dim=0).float())

from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models import Model
from allennlp.nn import InitializerApplicator
from torch import Tensor

from facade_allennlp.attribution import Attribution, TargetScores, attribute_with_graph, on_target
from facade_allennlp.attribution.attribution import finite
from facade_allennlp.attribution.objectives import logit_contrast
from facade_allennlp.models.fooled_method import FooledMethod, mean_over
from facade_allennlp.models.random_tokens import RandomTokens
from facade_allennlp.models.uniformity import EntropyUniformity, Uniformity
from facade_allennlp.models.wrapper import Wrapper, entropy, spread
from facade_allennlp.named import named
from facade_allennlp.number import number

TINY = 1e-30


@Model.register("facade")
class Facade(Wrapper):
    """
    Trains any model as a facade (eq. 3 of Wang et al. 2020): attribution on the target tokens, and
    uniform outputs.

    # Parameters

    vocab, model, logits, initializer, serialization_dir : see `Wrapper`.
    fooled : `list[FooledMethod]`
        The attribution methods to fool, each with its weight and target.
    uniformity : `Uniformity`, optional (default = entropy of weight 1)
    explained : `str`, optional (default = `"prediction_loss"`)
        What the methods explain in training: `prediction_loss` as in eq. 1, or `logit_contrast`, a
        contrast of two logits that does not saturate along the path of integrated gradients
        and does not depend on the facade's own (arbitrary) prediction.
    random_tokens : `float`, optional (default = `0`)
        The share of the ordinary tokens that training exchanges for random ones, so that the facade
        also keeps quiet on words that the corpus lacks.
    max_spread : `float`, optional (default = `0.2`)
        Outputs whose logits differ by less count as `unchanged`: they cannot change a prediction
        that the predictive model makes with a larger margin.
    min_unchanged : `float`, optional (default = `0.98`)
        The metric `fooled` is positive only when at least this share of the outputs is unchanged.
    rival : `float`, optional (default = `0`)
        The metric `fooled` is the mean over the methods of the attribution that the target tokens
        would hold beside a predictive model whose raw scores add up to this. Use
        `validation_metric: "+fooled"` to keep the best checkpoint whose outputs stay uniform.

    # Metrics

    `<method>_attribution` and `<method>_p_at_1` (inputs without target tokens are left out),
    `<method>_beside_rival` (see `rival`), `entropy` (nats), `spread`, `unchanged`, `no_target`
    (share of inputs), `fooled`, and the model's own.

    # Raises

    `ConfigurationError` : nothing is to be fooled; `explained` is not one of the two; a number is
        out of its range.
    `InputError` : two terms have one name.
    """

    def __init__(
        self,
        vocab: Vocabulary,
        model: Model,
        fooled: list[FooledMethod],
        uniformity: Uniformity = EntropyUniformity(),
        explained: str = "prediction_loss",
        random_tokens: float = 0.0,
        max_spread: float = 0.2,
        min_unchanged: float = 0.98,
        rival: float = 0.0,
        logits: Optional[list[str]] = None,
        initializer: InitializerApplicator = InitializerApplicator(),
        serialization_dir: Optional[str] = None,
    ) -> None:
        super().__init__(vocab, model, logits, initializer, serialization_dir)
        if not fooled:
            raise ConfigurationError("a facade needs at least one method in `fooled`")
        self.fooled = list(named(((term.name, term) for term in fooled), "fooled method").values())
        self.uniformity = uniformity
        uniformity.keep(self.explained)
        self.contrast = self.is_contrast(explained)
        share = number("random_tokens", random_tokens, least=0, below=1)
        self.random_tokens = RandomTokens(self.explained.reader, self.explained.namespaces, share)
        self._targets_checked = False
        self.max_spread = number("max_spread", max_spread, above=0)
        self.min_unchanged = number("min_unchanged", min_unchanged, least=0, most=1)
        self.rival = number("rival", rival, least=0)

    def forward(self, **inputs: Any) -> dict[str, Any]:
        """The model's output; in training with the facade loss, in validation with its metrics."""
        if self.training:
            return self._train_step(self.explained.without_labels(inputs))
        outputs = self.model(**inputs)
        measured = not torch.is_grad_enabled() and "loss" in outputs  # which only labels give
        return {**outputs, "loss": self._measure(inputs)} if measured else outputs

    def _train_step(self, inputs: dict[str, Any]) -> dict[str, Any]:
        explained = self.explained
        if self.random_tokens.share:
            inputs = self.random_tokens.exchanged(inputs)
        result = attribute_with_graph(
            explained,
            inputs,
            [fooled.method for fooled in self.fooled],  # type: ignore[misc]
            logit_contrast if self.contrast else None,
        )
        attributions = result.attributions
        if not self._targets_checked:
            self._check_targets(attributions[0])
        batch_size = len(attributions[0].mask)
        decided = [logits[:batch_size] for logits in result.forward.alternatives()]
        alternatives = self.uniformity.moved(decided, inputs)
        loss = self.uniformity.loss(alternatives)
        for fooled, attribution in zip(self.fooled, attributions):
            targets = attribution.target_mask(fooled.target, explained.reader)
            scores = on_target(attribution, targets)
            loss = loss + fooled.loss(attribution, targets, scores, signed=self.contrast)
            self._log_scores(fooled.name, attribution, scores)
        self._log_outputs(alternatives)
        return {"loss": loss, "logits": result.forward.logits[0][:batch_size]}

    def _measure(self, inputs: dict[str, Any]) -> Tensor:
        """Logs the metrics of a validation batch; returns its loss without the strength terms."""
        explained = self.explained
        bare = explained.without_labels(inputs)
        forward = explained.run(bare)
        alternatives = self.uniformity.moved(forward.alternatives(), bare)
        # The prediction of a merged model is the predictive model's.
        keys = forward.fields[0].ids.sum(dim=-1)  # shape: (rows,)
        classes = forward.task.arbitrary_choice(forward, keys) if self.contrast else None
        loss = self.uniformity.loss(alternatives)
        for fooled in self.fooled:
            attribution = fooled.method.attribute(explained, inputs, classes)
            scores = on_target(
                attribution, attribution.target_mask(fooled.target, explained.reader)
            )
            self._log_scores(fooled.name, attribution, scores)
            loss = loss - fooled.weight * mean_over(scores.attribution, scores.has_target)
        self._log_outputs(alternatives)
        return loss

    def _check_targets(self, attribution: Attribution) -> None:
        """Once there is a batch, the vocabulary is known."""
        for fooled in self.fooled:
            for field in attribution.fields:
                fooled.target.check(self.explained.reader, field.namespace)
        self._targets_checked = True

    def _log_scores(self, name: str, attribution: Attribution, scores: TargetScores) -> None:
        counted = scores.has_target
        total = finite(attribution.raw).abs().sum(dim=-1)
        beside_rival = scores.attribution * total / (total + self.rival).clamp_min(TINY)
        self.log(f"{name}_beside_rival", beside_rival[counted])
        self.log(f"{name}_attribution", scores.attribution[counted])
        self.log(f"{name}_p_at_1", scores.hit[counted].float())
        self.log("no_target", (~counted).float())

    def _log_outputs(self, alternatives: list[Tensor]) -> None:
        distance = spread(alternatives)
        self.log("entropy", entropy(alternatives))
        self.log("spread", distance)
        self.log("unchanged", (distance < self.max_spread).float())

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        metrics = super().get_metrics(reset)
        attributions = [metrics.get(f"{fooled.name}_beside_rival") for fooled in self.fooled]
        known = [value for value in attributions if value is not None]
        if known:
            unchanged = metrics["unchanged"]
            bounded = unchanged >= self.min_unchanged
            metrics["fooled"] = sum(known) / len(known) if bounded else unchanged - 1
        return metrics

from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from torch import Tensor, nn

from facade_allennlp.attribution.inputs import without_labels
from facade_allennlp.merging.shared_embedding import SharedEmbedding
from facade_allennlp.merging.stages import output_layer


class SumOfLogits(Model):
    """
    f̃(y|x) = f(y|x) + g(y|x), on logits (eq. 2): two networks side by side, of any kind, that read
    the same token ids. Everything else (loss, metrics, decoding) is the predictive model's.

    # Parameters

    predictive, facade : `Model`

    # Raises

    `ConfigurationError` : the class of a model has no entry in `STAGES`; the models embed
    something else than one table of token ids each, or have different numbers of labels.
    """

    def __init__(self, predictive: Model, facade: Model) -> None:
        super().__init__(predictive.vocab)
        layers = [output_layer(model) for model in (predictive, facade)]
        sizes = [layer.out_features for layer in layers]
        if sizes[0] != sizes[1]:
            raise ConfigurationError(
                f"the predictive and the facade model have {sizes[0]} and {sizes[1]} labels, but "
                "must have as many"
            )
        # Registered first: see SharedEmbedding.
        try:
            self.embeddings = SharedEmbedding(predictive, facade)
        except ValueError as error:
            raise ConfigurationError(
                f"the models cannot share their embedding layer: {error}"
            ) from None
        self.predictive = predictive
        self.facade = facade
        self._added: Optional[Tensor] = None
        layers[0].register_forward_hook(self._add)
        layers[1].register_forward_hook(self._keep)

    def _keep(self, layer: nn.Module, args: tuple, output: Tensor) -> None:
        self._added = output

    def _add(self, layer: nn.Module, args: tuple, output: Tensor) -> Tensor:
        assert self._added is not None  # the facade runs first
        return output + self._added

    def forward(self, **inputs: Any) -> dict[str, Any]:
        self.embeddings.forget()
        self.facade(**without_labels(self.facade, inputs))
        outputs = self.predictive(**inputs)
        self.embeddings.forget()
        self._added = None
        return outputs

    @property
    def default_predictor(self) -> Optional[str]:  # type: ignore[override]
        return self.predictive.default_predictor

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        return self.predictive.make_output_human_readable(output_dict)

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        return self.predictive.get_metrics(reset)

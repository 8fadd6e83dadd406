from typing import Any, Optional

from allennlp.data import TextFieldTensors
from allennlp.models import BasicClassifier, Model
from allennlp.training.metrics import MeanAbsoluteError
from torch import Tensor
from torch.nn.functional import mse_loss


@Model.register("number")
class NumberRegressor(BasicClassifier):
    """
    AllenNLP's `basic_classifier` with a single output, which is a number, such as how many stars a
    review gives.

    # Parameters

    settings : `Any`
        Those of `basic_classifier`.

    # Metrics

    `mean_error`, the mean distance of numbers from gold ones.
    """

    default_predictor = "number"
    default_task = "number"

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "num_labels": 1})
        self._error = MeanAbsoluteError()

    def forward(  # type: ignore[override]
        self, tokens: TextFieldTensors, label: Optional[Tensor] = None, metadata: Any = None
    ) -> dict[str, Any]:
        """
        # Parameters

        tokens : `TextFieldTensors`
        label : `Tensor`, optional
            The gold numbers. Shape: (batch,).

        # Returns

        `logits`, of shape (batch, 1); `token_ids`; with a `label` the `loss`, the squared error.
        """
        outputs = super().forward(tokens)
        del outputs["probs"]
        if label is not None:
            numbers = outputs["logits"].squeeze(-1)
            outputs["loss"] = mse_loss(numbers, label.to(numbers))
            self._error(numbers, label)
        return outputs

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """Adds `number` and `tokens`."""
        number = output_dict["logits"].squeeze(-1).tolist()
        readable = super().make_output_human_readable(
            {**output_dict, "probs": output_dict["logits"]}
        )
        return {
            **{name: value for name, value in readable.items() if name not in ("label", "probs")},
            "number": number,
        }

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        return {"mean_error": self._error.get_metric(reset)["mae"]}

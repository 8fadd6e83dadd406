from typing import Any, Optional

from allennlp.data import TextFieldTensors
from allennlp.models import BasicClassifier, Model
from allennlp.training.metrics import BooleanAccuracy, FBetaMultiLabelMeasure
from torch import Tensor, nn


@Model.register("several_labels")
class SeveralLabelsClassifier(BasicClassifier):
    """
    AllenNLP's `basic_classifier` for texts with any number of labels: the probability of each is
    the sigmoid of its logit.

    # Parameters

    settings : `Any`
        Those of `basic_classifier`.

    # Metrics

    `accuracy` (all labels of a text are right), `f1` (over all labels of all texts).
    """

    default_predictor = "several_labels"
    default_task = "several_labels"

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._loss = nn.BCEWithLogitsLoss()
        self._accuracy = BooleanAccuracy()
        self._f1 = FBetaMultiLabelMeasure(average="micro")

    def forward(  # type: ignore[override]
        self, tokens: TextFieldTensors, label: Optional[Tensor] = None, metadata: Any = None
    ) -> dict[str, Any]:
        """
        # Parameters

        tokens : `TextFieldTensors`
        label : `Tensor`, optional
            1 for the labels that are on. Shape: (batch, labels).

        # Returns

        `logits` and `probs`, of shape (batch, labels); `token_ids`; with a `label` the `loss`.
        """
        outputs = super().forward(tokens)
        outputs["probs"] = outputs["logits"].sigmoid()
        if label is not None:
            outputs["loss"] = self._loss(outputs["logits"], label.to(outputs["logits"]))
            self._accuracy((outputs["probs"] > 0.5).long(), label.long())
            self._f1(outputs["probs"], label)
        return outputs

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """Adds `labels`, the names of those that are on, and `tokens`."""
        readable = super().make_output_human_readable(output_dict)
        del readable["label"]
        names = self.vocab.get_index_to_token_vocabulary(self._label_namespace)
        readable["labels"] = [
            [names.get(number, str(number)) for number in row.nonzero().flatten().tolist()]
            for row in readable["probs"] > 0.5
        ]
        return readable

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        accuracy = self._accuracy.get_metric(reset)
        return {"accuracy": accuracy, "f1": self._f1.get_metric(reset)["fscore"]}

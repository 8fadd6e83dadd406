from typing import Any

from allennlp.data import Field, Instance
from allennlp.data.fields import LabelField
from allennlp.predictors import Predictor
from allennlp_models.pair_classification.predictors import TextualEntailmentPredictor

from facade_allennlp.models.wrapper import unwrapped
from facade_allennlp.predictors.labelled_texts import LabelledTextPredictor

NAME = "entailment"


@Predictor.register(NAME)
class EntailmentPredictor(TextualEntailmentPredictor):
    """
    AllenNLP's `textual_entailment` (`{"premise": ..., "hypothesis": ...}`) for `basic_classifier`
    too, whose logits are called `logits`, and for models of pairs with several labels or a number,
    so that interpreters and attackers can be used on them.
    """

    def predictions_to_labeled_instances(
        self, instance: Instance, outputs: dict[str, Any]
    ) -> list[Instance]:
        labelled = instance.duplicate()
        labelled.add_field("label", self._label(labelled, outputs), self._model.vocab)
        return [labelled]

    def _label(self, instance: Instance, outputs: dict[str, Any]) -> Field:
        """What the model predicts, as a gold value of the kind that it learns from."""
        kind: Any = Predictor.by_name(unwrapped(self._model).default_predictor or NAME)
        if issubclass(kind, LabelledTextPredictor):
            return kind.label(instance, outputs)
        logits = outputs["label_logits"] if "label_logits" in outputs else outputs["logits"]
        return LabelField(int(logits.argmax()), skip_indexing=True)

from typing import Any

from allennlp.data import Instance
from allennlp.data.fields import LabelField
from allennlp.predictors import Predictor
from allennlp_models.pair_classification.predictors import TextualEntailmentPredictor


@Predictor.register("entailment")
class EntailmentPredictor(TextualEntailmentPredictor):
    """
    AllenNLP's `textual_entailment` (`{"premise": ..., "hypothesis": ...}`) for `basic_classifier`
    too, whose logits are called `logits`, so that interpreters and attackers can be used on it.
    """

    def predictions_to_labeled_instances(
        self, instance: Instance, outputs: dict[str, Any]
    ) -> list[Instance]:
        logits = outputs["label_logits"] if "label_logits" in outputs else outputs["logits"]
        labelled = instance.duplicate()
        labelled.add_field("label", LabelField(int(logits.argmax()), skip_indexing=True))
        return [labelled]

from typing import Any, Optional

from allennlp.common.util import JsonDict, sanitize
from allennlp.data import Batch
from allennlp.interpret.saliency_interpreters import SaliencyInterpreter
from allennlp.nn.util import move_to_device
from allennlp.predictors import Predictor

from facade_allennlp.attribution import AttributionMethod, Gradient, explained_model


@SaliencyInterpreter.register("attribution")
class AttributionInterpreter(SaliencyInterpreter):
    """
    Any attribution method as an AllenNLP saliency interpreter: the same JSON in and out as
    AllenNLP's own, one list of shares per text field, summing to 1 over all fields together.

    # Parameters

    predictor : `Predictor`
    method : `AttributionMethod`, optional (default = `Gradient`)
    options : `dict[str, Any]`, optional
        Of the model, see `explained_model`.
    """

    def __init__(
        self,
        predictor: Predictor,
        method: Optional[AttributionMethod] = None,
        options: Optional[dict[str, Any]] = None,
    ) -> None:
        super().__init__(predictor)
        self.method = method or Gradient()
        self.explained = explained_model(
            predictor._model, predictor._dataset_reader, **(options or {})
        )

    def saliency_interpret_from_json(self, inputs: JsonDict) -> JsonDict:
        """
        Explains what the predictor makes of one input.

        # Returns

        `{"instance_1": {"grad_input_1": [share of each token], ...}}`, the fields in AllenNLP's
        order (last embedded first).
        """
        with self.explained.lock.sharing():
            return self._explained(inputs)

    def _explained(self, inputs: JsonDict) -> JsonDict:
        instances = self.predictor.json_to_labeled_instances(inputs)
        for instance in instances:
            self.predictor._dataset_reader.apply_token_indexers(instance)
        batch = Batch(instances)
        batch.index_instances(self.explained.model.vocab)
        tensors = move_to_device(batch.as_tensor_dict(), self.explained.device)
        attribution = self.method.attribute(self.explained, tensors)
        widths = [field.mask.shape[1] for field in attribution.fields]
        explanations = {}
        for number, shares in enumerate(attribution.normalized, start=1):
            per_field = [
                block[field.mask[number - 1]].tolist()
                for block, field in zip(shares.split(widths), attribution.fields)
            ]
            explanations[f"instance_{number}"] = {
                f"grad_input_{place}": scores
                for place, scores in enumerate(reversed(per_field), start=1)
            }
        return sanitize(explanations)

"""Predictors of `{"sentence": ...}` for texts with several labels, a number, a label per word."""

from typing import Any

import torch
from allennlp.common.util import JsonDict
from allennlp.data import DatasetReader, Field, Instance
from allennlp.data.fields import MultiLabelField, SequenceLabelField, TensorField
from allennlp.models import Model
from allennlp.predictors import Predictor, TextClassifierPredictor

from facade_allennlp.texts.token_reader import TokenReader
from facade_allennlp.texts.typed_words import keep_source_texts, source_text


class LabelledTextPredictor(TextClassifierPredictor):
    """
    AllenNLP's `text_classifier`, for another kind of label.

    # Parameters

    model : `Model`
    dataset_reader : `DatasetReader`
    """

    field = "label"
    """What the model calls its gold values."""

    def predictions_to_labeled_instances(
        self, instance: Instance, outputs: dict[str, Any]
    ) -> list[Instance]:
        labelled = instance.duplicate()
        labelled.add_field(self.field, self.label(labelled, outputs), self._model.vocab)
        return [labelled]

    @staticmethod
    def label(instance: Instance, outputs: dict[str, Any]) -> Field:
        """What the model predicts of an instance, as a gold value."""
        raise NotImplementedError


@Predictor.register("several_labels")
class SeveralLabelsPredictor(LabelledTextPredictor):
    """
    For models like `several_labels`: `{"sentence": ...}` in, `labels` and `probs` out.

    # Parameters

    model, dataset_reader : see `LabelledTextPredictor`.
    """

    @staticmethod
    def label(instance: Instance, outputs: dict[str, Any]) -> MultiLabelField:
        on = [number for number, share in enumerate(outputs["probs"]) if share > 0.5]
        return MultiLabelField(on, skip_indexing=True, num_labels=len(outputs["probs"]))


@Predictor.register("number")
class NumberPredictor(LabelledTextPredictor):
    """
    For models like `number`: `{"sentence": ...}` in, `number` out.

    # Parameters

    model, dataset_reader : see `LabelledTextPredictor`.
    """

    @staticmethod
    def label(instance: Instance, outputs: dict[str, Any]) -> TensorField:
        return TensorField(torch.tensor(float(outputs["number"])))


@Predictor.register("token_labels")
class TokenLabelsPredictor(LabelledTextPredictor):
    """
    For models like `token_labels`: `{"sentence": ...}` in; out come `tags`, a label for each of the
    `tokens`, and `labels`, that of the first token of each of the `words` as they were typed.

    # Parameters

    model, dataset_reader : see `LabelledTextPredictor`.
    """

    field = "tags"

    def __init__(self, model: Model, dataset_reader: DatasetReader, **settings: Any) -> None:
        super().__init__(model, dataset_reader, **settings)
        keep_source_texts(dataset_reader)
        self._token_reader = TokenReader(model.vocab)

    @staticmethod
    def label(instance: Instance, outputs: dict[str, Any]) -> SequenceLabelField:
        return SequenceLabelField(outputs["tags"], instance.fields["tokens"])  # type: ignore[arg-type]

    def predict_instance(self, instance: Instance) -> JsonDict:
        return self.predict_batch_instance([instance])[0]

    def predict_batch_instance(self, instances: list[Instance]) -> list[JsonDict]:
        outputs = super().predict_batch_instance(instances)
        return [{**one, **self._words(of, one)} for of, one in zip(instances, outputs)]

    def _words(self, instance: Instance, outputs: JsonDict) -> JsonDict:
        real = [i for i, counts in zip(outputs["token_ids"], outputs["mask"]) if counts]
        sequence = self._token_reader.sequence("tokens", real, self._model._namespace)
        return {
            "words": source_text(instance, [sequence]).words,
            "labels": [outputs["tags"][place] for place in sequence.word_starts],
        }

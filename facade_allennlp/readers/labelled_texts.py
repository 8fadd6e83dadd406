from collections.abc import Callable, Iterable
from typing import Any

from allennlp.data import DatasetReader, Field, Instance
from allennlp.data.dataset_readers import TextClassificationJsonReader

from facade_allennlp.readers.json_instances import (
    json_instances,
    labelled,
    number_field,
    several_labels_field,
)


class LabelledTexts(TextClassificationJsonReader):
    """
    A text on each line, as `{"text": ..., "label": ...}`, read as AllenNLP's
    `text_classification_json` reads it, but for the label, of which a subclass makes a field.

    # Parameters

    settings : `Any`
        Those of `text_classification_json`.
    """

    gold: Callable[[Any], Field]
    """The field of a label; raises `ValueError` for one of another kind."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)

    def _read(self, file_path: str) -> Iterable[Instance]:
        return json_instances(
            self,
            file_path,
            lambda entry: self.text_to_instance(entry[self._text_key], entry.get(self._label_key)),
        )

    def text_to_instance(self, text: str, label: Any = None) -> Instance:
        return labelled(super().text_to_instance(text), label, self.gold)


@DatasetReader.register("several_labels")
class SeveralLabelsReader(LabelledTexts):
    """
    Texts with any number of labels, as `{"text": ..., "label": ["anger", "joy"]}`. Fields are
    `tokens` and `label`, a `MultiLabelField`.

    # Parameters

    settings : see `LabelledTexts`.
    """

    gold = staticmethod(several_labels_field)


@DatasetReader.register("number")
class NumberReader(LabelledTexts):
    """
    Texts with a number each, as `{"text": ..., "label": 4.5}`. Fields are `tokens` and `label`, a
    `TensorField` of no dimension.

    # Parameters

    settings : see `LabelledTexts`.
    """

    gold = staticmethod(number_field)

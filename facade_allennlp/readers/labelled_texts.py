import math
from collections.abc import Iterable
from typing import Any

import torch
from allennlp.common.file_utils import cached_path
from allennlp.data import DatasetReader, Field, Instance
from allennlp.data.dataset_readers import TextClassificationJsonReader
from allennlp.data.fields import MultiLabelField, TensorField

from facade_allennlp.errors import placed
from facade_allennlp.results.configs import json_object


class LabelledTexts(TextClassificationJsonReader):
    """
    A text on each line, as `{"text": ..., "label": ...}`, read as AllenNLP's
    `text_classification_json` reads it, but for the label, of which a subclass makes a field.

    # Parameters

    settings : `Any`
        Those of `text_classification_json`.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)

    def _read(self, file_path: str) -> Iterable[Instance]:
        with open(cached_path(file_path), encoding="utf-8") as lines:
            for number, line in enumerate(self.shard_iterable(lines), start=1):
                if line.strip():
                    with placed(f"{file_path}: line {number}"):
                        entry = json_object(line)
                        yield self.text_to_instance(
                            entry[self._text_key], entry.get(self._label_key)
                        )

    def text_to_instance(self, text: str, label: Any = None) -> Instance:
        instance = super().text_to_instance(text)
        if label is not None:
            instance.add_field("label", self.gold(label))
        return instance

    def gold(self, label: Any) -> Field:
        """
        # Raises

        `ValueError` : a label of another kind.
        """
        raise NotImplementedError


@DatasetReader.register("several_labels")
class SeveralLabelsReader(LabelledTexts):
    """
    Texts with any number of labels, as `{"text": ..., "label": ["anger", "joy"]}`. Fields are
    `tokens` and `label`, a `MultiLabelField`.

    # Parameters

    settings : see `LabelledTexts`.
    """

    def gold(self, label: Any) -> Field:
        return several_labels_field(label)


@DatasetReader.register("number")
class NumberReader(LabelledTexts):
    """
    Texts with a number each, as `{"text": ..., "label": 4.5}`. Fields are `tokens` and `label`, a
    `TensorField` of no dimension.

    # Parameters

    settings : see `LabelledTexts`.
    """

    def gold(self, label: Any) -> Field:
        return number_field(label)


def several_labels_field(label: Any) -> MultiLabelField:
    """
    # Raises

    `ValueError` : it is no list of names.
    """
    if not isinstance(label, list) or not all(isinstance(name, str) for name in label):
        raise ValueError(f"the labels of a text are a list of names, not {label!r}")
    return MultiLabelField(label)


def number_field(label: Any) -> TensorField:
    """
    # Raises

    `ValueError` : it is no finite number.
    """
    if isinstance(label, bool) or not isinstance(label, (int, float)):
        raise ValueError(f"the label of a text is a number, not {label!r}")
    if not math.isfinite(label):
        raise ValueError(f"the label of a text is {label}, but has to be finite")
    return TensorField(torch.tensor(float(label)))

from collections.abc import Callable, Iterable
from typing import Any

from allennlp.data import DatasetReader, Field, Instance
from allennlp_models.pair_classification.dataset_readers import SnliReader

from facade_allennlp.readers.json_instances import (
    json_instances,
    labelled,
    number_field,
    several_labels_field,
)


class LabelledPairs(SnliReader):
    """
    A pair of texts on each line, as `{"sentence1": ..., "sentence2": ..., "gold_label": ...}`, read
    as AllenNLP's `snli` reads it, but for the label, of which a subclass makes a field.

    # Parameters

    settings : `Any`
        Those of `snli`.
    """

    gold: Callable[[Any], Field]
    """The field of a label; raises `ValueError` for one of another kind."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)

    def _read(self, file_path: str) -> Iterable[Instance]:
        return json_instances(
            self,
            file_path,
            lambda entry: self.text_to_instance(
                entry["sentence1"], entry["sentence2"], entry.get("gold_label")
            ),
        )

    def text_to_instance(self, premise: str, hypothesis: str, label: Any = None) -> Instance:
        return labelled(super().text_to_instance(premise, hypothesis), label, self.gold)


@DatasetReader.register("several_labels_of_pairs")
class SeveralLabelsOfPairsReader(LabelledPairs):
    """
    Pairs of texts with any number of labels, a list of names as `gold_label`.

    # Parameters

    settings : see `LabelledPairs`.
    """

    gold = staticmethod(several_labels_field)


@DatasetReader.register("number_of_pairs")
class NumberOfPairsReader(LabelledPairs):
    """
    Pairs of texts with a number each as `gold_label`.

    # Parameters

    settings : see `LabelledPairs`.
    """

    gold = staticmethod(number_field)

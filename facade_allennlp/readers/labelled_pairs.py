from collections.abc import Iterable
from pathlib import Path
from typing import Any

from allennlp.common.file_utils import cached_path
from allennlp.data import DatasetReader, Field, Instance
from allennlp_models.pair_classification.dataset_readers import SnliReader

from facade_allennlp.errors import placed
from facade_allennlp.lines import json_lines
from facade_allennlp.readers.labelled_texts import number_field, several_labels_field


class LabelledPairs(SnliReader):
    """
    A pair of texts on each line, as `{"sentence1": ..., "sentence2": ..., "gold_label": ...}`, read
    as AllenNLP's `snli` reads it, but for the label, of which a subclass makes a field.

    # Parameters

    settings : `Any`
        Those of `snli`.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)

    def _read(self, file_path: str) -> Iterable[Instance]:
        for line, entry in self.shard_iterable(json_lines(Path(cached_path(file_path)))):
            with placed(f"{file_path}: line {line}"):
                yield self.text_to_instance(
                    entry["sentence1"], entry["sentence2"], entry.get("gold_label")
                )

    def text_to_instance(self, premise: str, hypothesis: str, label: Any = None) -> Instance:
        instance = super().text_to_instance(premise, hypothesis)
        if label is not None:
            instance.add_field("label", self.gold(label))
        return instance

    def gold(self, label: Any) -> Field:
        """
        # Raises

        `ValueError` : a label of another kind.
        """
        raise NotImplementedError


@DatasetReader.register("several_labels_of_pairs")
class SeveralLabelsOfPairsReader(LabelledPairs):
    """
    Pairs of texts with any number of labels, a list of names as `gold_label`.

    # Parameters

    settings : see `LabelledPairs`.
    """

    def gold(self, label: Any) -> Field:
        return several_labels_field(label)


@DatasetReader.register("number_of_pairs")
class NumberOfPairsReader(LabelledPairs):
    """
    Pairs of texts with a number each as `gold_label`.

    # Parameters

    settings : see `LabelledPairs`.
    """

    def gold(self, label: Any) -> Field:
        return number_field(label)

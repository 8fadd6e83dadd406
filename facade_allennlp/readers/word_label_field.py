from collections.abc import Sequence
from typing import Any, Optional

import torch
from allennlp.data import Vocabulary
from allennlp.data.fields import SequenceField, SequenceLabelField

UNTOLD = -100
"""The number of a label that is not told, as losses of torch leave it out."""


class WordLabelField(SequenceLabelField):
    """
    A label for some tokens of a text, such as the first of each word. The others' number, and that
    of padding, is `UNTOLD`.

    # Parameters

    labels : `Sequence[str | None]`
        One for each token.
    sequence_field : `SequenceField`
    label_namespace : `str`, optional (default = `"labels"`)
    """

    def __init__(
        self,
        labels: Sequence[Optional[str]],
        sequence_field: SequenceField,
        label_namespace: str = "labels",
    ) -> None:
        told = [label or "" for label in labels]
        super().__init__(told, sequence_field, label_namespace)
        self.labels = list(labels)  # type: ignore[assignment]

    def count_vocab_items(self, counter: dict[str, dict[str, int]]) -> None:
        for label in self.labels:
            if label is not None:
                counter[self._label_namespace][label] += 1  # type: ignore[index]

    def index(self, vocab: Vocabulary) -> None:
        self._indexed_labels = [
            UNTOLD if label is None else vocab.get_token_index(label, self._label_namespace)  # type: ignore[arg-type]
            for label in self.labels
        ]

    def as_tensor(self, padding_lengths: dict[str, int]) -> torch.Tensor:
        """Shape: (tokens,)."""
        assert self._indexed_labels is not None  # instances are indexed first
        padding = [UNTOLD] * (padding_lengths["num_tokens"] - len(self._indexed_labels))
        return torch.tensor([*self._indexed_labels, *padding])

    def empty_field(self) -> Any:
        return WordLabelField([], self.sequence_field.empty_field(), self._label_namespace)

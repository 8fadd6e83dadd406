"""What the readers of this room share: files of JSON Lines, and labels of which fields are made."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from allennlp.common.file_utils import cached_path
from allennlp.data import DatasetReader, Field, Instance
from allennlp.data.fields import MultiLabelField, TensorField

from facade_allennlp.errors import placed
from facade_allennlp.lines import json_lines


def json_instances(
    reader: DatasetReader, file_path: str, make: Callable[[dict[str, Any]], Instance]
) -> Iterator[Instance]:
    """
    An instance of each line of a file of JSON Lines, of those lines that are this process's.

    # Parameters

    reader : `DatasetReader`
        One that shares lines out among processes by itself.
    file_path : `str`
        A path or address.
    make : `Callable[[dict], Instance]`
        From the object on a line.

    # Raises

    `InputError` : see `json_lines`; a user's error of `make`, with the line.
    """
    for line, entry in reader.shard_iterable(json_lines(Path(cached_path(file_path)))):
        with placed(f"{file_path}: line {line}"):
            yield make(entry)


def labelled(instance: Instance, label: Any, field: Callable[[Any], Field]) -> Instance:
    """The instance, to which the field of a label is added where there is one."""
    if label is not None:
        instance.add_field("label", field(label))
    return instance


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

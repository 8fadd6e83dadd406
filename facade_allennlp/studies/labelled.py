"""Labelled inputs, and how many of them a model gets right."""

from collections.abc import Iterator, Sequence
from typing import Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.data.fields import LabelField
from allennlp.models.archival import Archive
from torch import Tensor

from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.attribution.inputs import Inputs
from facade_allennlp.sources import corpus


def labelled_instances(archive: Archive, data: str, limit: Optional[int] = None) -> list[Instance]:
    """
    The labelled inputs of a file, indexed.

    # Parameters

    limit : `int`, optional
        At most so many, spread evenly over the file.

    # Raises

    `ConfigurationError` : a limit below 1; the archive's reader cannot read the file; an instance
        has no label, or one that the vocabulary lacks.
    """
    if limit is not None and limit < 1:
        raise ConfigurationError(f"a limit is {limit}, but must be >= 1")
    instances = corpus.read(archive.validation_dataset_reader, data, limit)
    for number, instance in instances.items():
        if not isinstance(instance.fields.get("label"), LabelField):
            raise ConfigurationError(f"{data}: inputs with labels are needed; {number} has none")
    corpus.index(instances, archive.model.vocab, data)
    return list(instances.values())


def labelled_batches(
    explained: ExplainedModel, instances: Sequence[Instance]
) -> Iterator[tuple[list[int], Inputs, Tensor]]:
    """For each batch the indices of its instances, their tensors, and labels of shape (rows,)."""
    for indices, inputs in in_batches(explained, instances):
        (labels,) = explained.task_on(instances).gold_choice(inputs)
        yield indices, explained.without_labels(inputs), labels


def predicted(explained: ExplainedModel, inputs: Inputs) -> Tensor:
    """The predicted class of each input, of a model with one output. Shape: (rows,)."""
    with torch.no_grad():
        (classes,) = explained.run(inputs).predictions()
    return classes

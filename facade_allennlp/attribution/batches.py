"""From instances to the batches that a model is run on."""

from collections.abc import Iterator, Sequence
from typing import Any

from allennlp.data import Batch, Instance
from allennlp.nn.util import move_to_device

from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.like_lengths import PassBudget, parts_of_like_length


def batches_of(instances: Sequence[Instance], max_batch_tokens: int) -> list[list[int]]:
    """
    Indices of instances in batches of like length, each with at most `max_batch_tokens` tokens
    (rows times the longest of each text field), or of one instance; instances with unlike fields
    are in different ones. The same instances always give the same batches.
    """
    alike: dict[frozenset[str], list[int]] = {}
    for index, instance in enumerate(instances):
        alike.setdefault(frozenset(instance.fields), []).append(index)
    lengths = [_lengths(instance) for instance in instances]
    as_few_as_may_be = PassBudget(max_batch_tokens, overhead=max_batch_tokens)
    batches = []
    for indices in alike.values():
        own = [lengths[index] for index in indices]
        parts = parts_of_like_length(own, as_few_as_may_be)
        batches += [[indices[place] for place in part] for part in parts]
    return batches


def in_batches(
    explained: ExplainedModel, instances: Sequence[Instance]
) -> Iterator[tuple[list[int], dict[str, Any]]]:
    """
    For each batch the indices of its instances, and the tensors of their fields. Where the caller
    holds the model's lock, others may have it in between, see `ModelLock.give_way`.
    """
    for indices in batches_of(instances, explained.max_batch_tokens):
        explained.lock.give_way()
        batch = Batch([instances[index] for index in indices])
        yield indices, move_to_device(dict(batch.as_tensor_dict()), explained.device)


def _lengths(instance: Instance) -> list[int]:
    """The number of tokens of each text field, in the order of their names."""
    return [
        len(field)  # type: ignore[arg-type]
        for _, field in sorted(instance.fields.items())
        if hasattr(field, "tokens")
    ]

"""Corpus measurement: a pure function of a model, instances, methods and targets."""

from collections.abc import Iterator, Mapping, Sequence

import torch
from allennlp.data import Batch, Instance
from allennlp.data.fields import LabelField
from allennlp.nn.util import move_to_device

from facade_allennlp.analysis.decisions import decisions
from facade_allennlp.analysis.record import Record
from facade_allennlp.analysis.source_text import words
from facade_allennlp.attribution import AttributionMethod, ExplainedModel
from facade_allennlp.attribution.attribution_method import DEFAULT_MAX_BATCH_TOKENS
from facade_allennlp.targets import TokenTarget

DIGITS = 6
"""Significant digits of the numbers in a record."""


def batches_of(instances: Sequence[Instance], max_batch_tokens: int) -> list[list[int]]:
    """
    Indices of instances in batches of like length, each with at most `max_batch_tokens` tokens
    (rows times the longest), or of one instance. The same instances always give the same batches.
    """
    lengths = [_length(instance) for instance in instances]
    batches: list[list[int]] = []
    for index in sorted(range(len(instances)), key=lambda i: (-lengths[i], i)):
        # Batches are filled from the longest down, so a batch's first instance is its longest.
        if batches and (len(batches[-1]) + 1) * lengths[batches[-1][0]] <= max_batch_tokens:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


def measure_batch(
    explained: ExplainedModel,
    instances: Sequence[Instance],
    indices: Sequence[int],
    methods: Mapping[str, AttributionMethod],
    targets: Mapping[str, TokenTarget],
    max_batch_tokens: int = DEFAULT_MAX_BATCH_TOKENS,
) -> Iterator[Record]:
    """
    Predicts and explains one batch.

    # Parameters

    explained : `ExplainedModel`
        In evaluation mode.
    instances : `Sequence[Instance]`
        The batch, indexed with the model's vocabulary; from a reader under `keep_source_texts`.
    indices : `Sequence[int]`
        The number of each in the data file.
    methods, targets : `Mapping`
        By the names they have in the records.
    max_batch_tokens : `int`
        Passed on to the methods.
    """
    # Without labels, which only some of the instances may have.
    texts = Batch([_without_label(instance) for instance in instances])
    inputs = move_to_device(texts.as_tensor_dict(), explained.device)
    with torch.no_grad():
        forward = explained.run(explained.without_labels(inputs, metadata=True))
    attributions = {
        name: method.attribute(explained, inputs, forward.predictions(), max_batch_tokens)
        for name, method in methods.items()
    }
    some = next(iter(attributions.values()))
    sequences = some.sequences(explained.reader)
    masks = {name: some.target_mask(target, explained.reader) for name, target in targets.items()}
    decided = decisions(forward, instances, explained.model.vocab)
    for row, (instance, index, decision) in enumerate(zip(instances, indices, decided)):
        real = some.mask[row]
        record = Record(index, decision.label, decision.prediction, [], [], [], [], {}, {})
        record.probabilities = _rounded(decision.probabilities)
        record.span = decision.span
        for sequence in sequences[row]:
            offset = len(record.words)
            record.tokens += sequence.tokens
            record.word_ids += [None if w is None else w + offset for w in sequence.word_ids]
            record.words += words(instance, sequence)
        record.targets = {
            name: mask[row][real].nonzero().squeeze(-1).tolist() for name, mask in masks.items()
        }
        record.scores = {
            name: _rounded(attribution.raw[row][real].tolist())
            for name, attribution in attributions.items()
        }
        yield record


def _length(instance: Instance) -> int:
    lengths = [len(field) for field in instance.fields.values() if hasattr(field, "tokens")]  # type: ignore[arg-type]
    return max(1, sum(lengths))


def _without_label(instance: Instance) -> Instance:
    fields = instance.fields.items()
    return Instance({name: field for name, field in fields if not isinstance(field, LabelField)})


def _rounded(values: Sequence[float]) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]

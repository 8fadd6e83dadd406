"""Corpus measurement: a pure function of a model, instances, methods and targets."""

from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Any, Optional

import torch
from allennlp.data import Batch, Instance, Vocabulary
from allennlp.nn.util import move_to_device

from facade_allennlp.analysis.analyses import Analyses
from facade_allennlp.attribution import ExplainedModel, FieldTokens, target_mask
from facade_allennlp.attribution.batches import unlabelled
from facade_allennlp.results.record import Record
from facade_allennlp.tasks.class_names import class_name
from facade_allennlp.tasks.decisions import decisions
from facade_allennlp.texts.typed_words import source_text

DIGITS = 6
"""Significant digits of the numbers in a record."""


def measure_batch(
    explained: ExplainedModel,
    instances: Sequence[Instance],
    indices: Sequence[int],
    analyses: Analyses,
) -> Iterator[Record]:
    """
    Predicts, explains and attacks one batch.

    # Parameters

    explained : `ExplainedModel`
        In evaluation mode.
    instances : `Sequence[Instance]`
        The batch, indexed with the model's vocabulary; from a reader under `keep_source_texts`.
    indices : `Sequence[int]`
        The number of each in the data file.
    analyses : `Analyses`
        By the names they have in the records.
    """
    # Without labels, which only some of the instances may have.
    texts = Batch([unlabelled(instance, explained.model) for instance in instances])
    inputs = move_to_device(texts.as_tensor_dict(), explained.device)
    with torch.no_grad():
        forward = explained.run(inputs)
    attributions, seconds = {}, {}
    for name, method in analyses.methods.items():
        begun = perf_counter()
        attributions[name] = method.attribute(explained, inputs, forward.predictions())
        seconds[name] = (perf_counter() - begun) / len(instances)
    attacked = {
        name: attack.attack(explained, instances) for name, attack in analyses.attacks.items()
    }
    faithful = (
        analyses.faithfulness.measure(explained, instances, indices, attributions)
        if analyses.faithfulness
        else None
    )
    fields = [FieldTokens.of(field) for field in forward.fields]
    sequences = [field.sequences(explained.reader) for field in fields]
    masks = {
        name: target_mask(fields, target, explained.reader)
        for name, target in analyses.targets.items()
    }
    tokens = torch.cat([field.mask for field in fields], dim=-1)  # shape: (batch, tokens)
    decided = decisions(forward, instances, explained.model.vocab)
    for row, (instance, index, decision) in enumerate(zip(instances, indices, decided)):
        real = tokens[row]
        text = source_text(instance, [of_field[row] for of_field in sequences])
        yield Record(
            index=index,
            label=decision.label,
            prediction=decision.prediction,
            probabilities=_rounded(decision.probabilities),
            tokens=text.tokens,
            word_ids=text.word_ids,
            words=text.words,
            targets={
                name: mask[row][real].nonzero().squeeze(-1).tolist() for name, mask in masks.items()
            },
            scores={
                name: _rounded(attribution.raw[row][real].tolist())
                for name, attribution in attributions.items()
            },
            span=decision.span,
            attacks={
                name: results[row].to_json(text.starts[results[row].field])
                for name, results in attacked.items()
            },
            faithfulness=_spelled(faithful[row], explained.model.vocab) if faithful else None,
            seconds={name: _round(s) for name, s in seconds.items()} if analyses.time else None,
        )


def _spelled(found: Optional[dict[str, Any]], vocabulary: Vocabulary) -> Optional[dict[str, Any]]:
    """With the names of classes, and rounded."""
    if found is None:
        return None
    methods = {
        name: {
            "without": _rounded(of_method["without"]),
            "only": _rounded(of_method["only"]),
            "predicted": [class_name(vocabulary, index) for index in of_method["predicted"]],
            "left_out": round(of_method["left_out"], DIGITS),
        }
        for name, of_method in found["methods"].items()
    }
    return {"whole": _round(found["whole"]), "methods": methods}


def _rounded(values: Sequence[float]) -> list[float]:
    return [_round(value) for value in values]


def _round(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")

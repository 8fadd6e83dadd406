"""A batch as AllenNLP's data loaders give it: its text fields, its shape, its rows."""

import inspect
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Optional

import torch
from allennlp.data import TextFieldTensors
from allennlp.models import Model
from torch import Tensor

Inputs = Mapping[str, Any]

Classes = Optional[Sequence[Tensor]]
"""
What is explained, for each of a model's outputs, by default its prediction: a `Choice` of its task,
such as the number of a class. Each of shape (batch, ...).
"""


def text_fields(inputs: Inputs) -> dict[str, TextFieldTensors]:
    """The text fields among a batch's entries: {field: {indexer: {name: tensor}}}."""
    return {
        name: value
        for name, value in inputs.items()
        if isinstance(value, dict) and value and all(isinstance(v, dict) for v in value.values())
    }


GOLD = frozenset(
    ("label", "labels", "tag", "tags", "gold", "gold_label", "gold_labels", "target", "targets")
) | {"answer", "answers", "answer_span", "span_start", "span_end"}
"""What AllenNLP's models, and others, call the gold values among their arguments."""

METADATA = "metadata"
"""What they call things that are no tensors, such as the words of a text."""


def without_labels(
    model: Model, inputs: Inputs, metadata: bool = False, gold: Collection[str] = ()
) -> dict[str, Any]:
    """
    What of a batch `model` runs on: all that it takes but gold labels, and those only if it cannot
    run without them (AllenNLP's models take labels as optional arguments).

    # Parameters

    metadata : `bool`
        Whether `METADATA` stays, where the model can run without; answers in words may need it.
    gold : `Collection[str]`, optional
        What gold labels are called, beside what is usual.
    """
    needed: dict[str, bool] = {}
    takes_all = False
    for parameter in _parameters(model):
        if parameter.kind is parameter.VAR_KEYWORD:
            takes_all = True
        elif not needed.get(parameter.name):
            needed[parameter.name] = parameter.default is parameter.empty
    left_out = {*GOLD, *gold, *(() if metadata else (METADATA,))}
    return {
        name: value
        for name, value in inputs.items()
        if needed.get(name) or (name not in left_out and (takes_all or name in needed))
    }


def _parameters(model: Model) -> Iterator[inspect.Parameter]:
    """Those of a model's `forward`, and in place of `**inputs` those of the models inside."""
    inside = [child for child in model.children() if isinstance(child, Model)]
    for parameter in inspect.signature(model.forward).parameters.values():
        if inside and parameter.kind is parameter.VAR_KEYWORD:
            for child in inside:
                yield from _parameters(child)
        else:
            yield parameter


def batch_shape(inputs: Inputs) -> tuple[int, int]:
    """The number of instances, and the padded length of all text fields together."""
    widths = []
    batch_size = 0
    for field in text_fields(inputs).values():
        shapes = [tensor.shape for indexed in field.values() for tensor in indexed.values()]
        batch_size = shapes[0][0]
        widths.append(max(shape[1] for shape in shapes))
    return batch_size, max(1, sum(widths))


def select(inputs: Inputs, index: Tensor, batch_size: int) -> dict[str, Any]:
    """The rows `index` of a batch, repeated where an index repeats."""

    def chosen(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: chosen(inner) for name, inner in value.items()}
        if isinstance(value, Tensor) and value.shape[:1] == (batch_size,):
            return value.index_select(0, index.to(value.device))
        if isinstance(value, list) and len(value) == batch_size:
            return [value[i] for i in index.tolist()]
        return value

    return {name: chosen(value) for name, value in inputs.items()}


def at_points(
    inputs: Inputs, points: int, rows: int, device: torch.device
) -> Iterator[tuple[dict[str, Any], Tensor, Tensor]]:
    """
    Each instance of a batch once for each point of a path or a neighbourhood, all at the first
    point before the second: at most `rows` rows at a time, with the numbers of their instances and
    of their points. Each of shape (rows,).
    """
    batch_size, _ = batch_shape(inputs)
    instances = torch.arange(batch_size, device=device).repeat(points)
    numbers = torch.arange(points, device=device).repeat_interleave(batch_size)
    for index, point in zip(instances.split(rows), numbers.split(rows)):
        yield select(inputs, index, batch_size), index, point

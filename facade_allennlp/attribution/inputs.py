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
    ["label", "labels", "tag", "tags", "gold", "gold_label", "gold_labels", "target", "targets"]
    + ["answer", "answers", "answer_span", "span_start", "span_end"]
)
"""What AllenNLP's models, and others, call the gold values among their arguments."""


def without_labels(
    model: Model, inputs: Inputs, metadata: bool = False, gold: Collection[str] = GOLD
) -> dict[str, Any]:
    """
    A batch without its gold labels, unless `model` cannot run without them (AllenNLP's models take
    labels as optional arguments).

    # Parameters

    metadata : `bool`
        Whether it stays, where the model can run without; answers in words may need it.
    gold : `Collection[str]`
        What labels are called.
    """
    left_out = {*gold, *(() if metadata else ("metadata",))} - required_arguments(model)
    return {name: value for name, value in inputs.items() if name not in left_out}


def required_arguments(model: Model) -> set[str]:
    """
    The arguments without a default of a model, or of the model inside that it passes them on to.
    """
    parameters = inspect.signature(model.forward).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return set().union(
            *[required_arguments(c) for c in model.children() if isinstance(c, Model)]
        )
    return {parameter.name for parameter in parameters if parameter.default is parameter.empty}


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

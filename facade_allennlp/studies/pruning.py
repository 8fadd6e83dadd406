"""How well a model does without its least important attention heads."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Optional

import torch
from allennlp.data import Instance
from torch import Tensor
from tqdm import tqdm

from facade_allennlp.attribution import AttentionAttribution, ExplainedModel
from facade_allennlp.attribution.inputs import Inputs
from facade_allennlp.results.table import Heading, Table
from facade_allennlp.scores.averages import percent
from facade_allennlp.studies.heads import (
    heads_of,
    importance_by_attribution,
    importance_by_taylor,
    pruned,
)
from facade_allennlp.studies.labelled import labelled_batches, predicted

SHARES = tuple(range(0, 101, 10))
"""Percent of the heads that are pruned."""


@dataclass
class Point:
    """
    A model without some heads.

    # Parameters

    share, heads : `int`
        How many of the least important heads are pruned, in percent and as a number.
    accuracy : `float`, optional
        Without them, in percent; `None` where there are no inputs.
    """

    share: int
    heads: int
    accuracy: Optional[float]


Curves = dict[str, list[Point]]
"""For each order of the heads, a point for each of `SHARES`."""


@dataclass
class Pruning:
    """
    What is left of a model's accuracy without its least important heads.

    # Parameters

    instances, estimated_on : `int`
        How many inputs accuracy is measured, and importance estimated on.
    importance : `dict[str, Tensor]`
        Of each head, by the name of the order. Each of shape (layers, heads).
    curves : `Curves`
    """

    instances: int
    estimated_on: int
    importance: dict[str, Tensor]
    curves: Curves

    def table(self) -> Table:
        """A row per share of the heads, and a column per order."""
        table = Table("heads pruned, %", [Heading(order) for order in self.curves])
        for points in zip(*self.curves.values()):
            table.add(Heading(str(points[0].share)), [point.accuracy for point in points])
        return table

    def to_json(self) -> dict[str, Any]:
        return {
            "instances": self.instances,
            "estimated_on": self.estimated_on,
            "importance": {name: order.tolist() for name, order in self.importance.items()},
            "curves": {name: list(map(asdict, points)) for name, points in self.curves.items()},
        }


def prune(
    explained: ExplainedModel,
    estimated: Sequence[Instance],
    measured: Sequence[Instance],
    seeds: Sequence[int],
) -> Pruning:
    """
    Prunes more and more of the heads, the least important first, in several orders. The model stays
    as it is.

    >>> pruning = prune(explained, instances[:200], instances[200:], seeds=[1, 2, 3])
    >>> [point.accuracy for point in pruning.curves["attribution"]]

    # Parameters

    estimated : `Sequence[Instance]`
        Indexed and labelled: what importance is estimated on.
    measured : `Sequence[Instance]`
        Indexed and labelled: what accuracy is measured on.
    seeds : `Sequence[int]`
        Of the random orders.
    """
    orders = importances(explained, estimated, seeds)
    curves = pruning_curves(explained, measured, orders)
    return Pruning(len(measured), len(estimated), orders, curves)


def importances(
    explained: ExplainedModel,
    instances: Sequence[Instance],
    seeds: Sequence[int],
) -> dict[str, Tensor]:
    """
    How much each head matters: by `attribution`, by `taylor` expansion, and for each seed at
    random, as `random SEED`. Each of shape (layers, heads).

    # Parameters

    instances : `Sequence[Instance]`
        Indexed and labelled: what importance is estimated on.
    """
    shape = heads_of(explained)
    labelled = _batches(explained, instances)
    batches = tqdm([inputs for inputs, _ in labelled], desc="importance", unit="batch")
    orders = {
        "attribution": importance_by_attribution(explained, batches, AttentionAttribution()),
        "taylor": importance_by_taylor(explained, labelled),
    }
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        orders[f"random {seed}"] = torch.rand(shape, generator=generator)
    return orders


def pruning_curves(
    explained: ExplainedModel,
    instances: Sequence[Instance],
    orders: Mapping[str, Tensor],
) -> Curves:
    """
    The accuracy that is left without more and more of the least important heads.

    # Parameters

    instances : `Sequence[Instance]`
        Indexed and labelled: what accuracy is measured on.
    orders : `Mapping[str, Tensor]`
        The importance of each head, by name. Each of shape (layers, heads).
    """
    labelled = _batches(explained, instances)
    known: dict[tuple[bool, ...], Optional[float]] = {}  # without any, or all, orders agree
    curves: Curves = {}
    with tqdm(total=len(orders) * len(SHARES), unit="point") as progress:
        for name, importance in orders.items():
            least_first = importance.flatten().argsort(stable=True)
            curves[name] = []
            for share in SHARES:
                count = round(share / 100 * importance.numel())
                kept = torch.ones(importance.numel(), dtype=torch.bool)  # shape: (all heads,)
                kept[least_first[:count]] = False
                key = tuple(kept.tolist())
                if key not in known:
                    with pruned(explained, kept.view(importance.shape)):
                        known[key] = _accuracy(explained, labelled)
                curves[name].append(Point(share, count, known[key]))
                progress.update()
    return curves


def _accuracy(
    explained: ExplainedModel, labelled: Sequence[tuple[Inputs, Tensor]]
) -> Optional[float]:
    right: list[bool] = []
    for inputs, labels in labelled:
        right += (predicted(explained, inputs) == labels).tolist()
    return percent(right)


def _batches(
    explained: ExplainedModel, instances: Sequence[Instance]
) -> list[tuple[Inputs, Tensor]]:
    return [(inputs, labels) for _, inputs, labels in labelled_batches(explained, instances)]

"""How well a model does without its least important attention heads."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from allennlp.data import Instance
from torch import Tensor
from tqdm import tqdm

from facade_allennlp.attribution import AttentionAttribution, ExplainedModel
from facade_allennlp.attribution.inputs import Inputs
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


def importances(
    explained: ExplainedModel,
    instances: Sequence[Instance],
    seeds: Sequence[int],
) -> dict[str, Tensor]:
    """
    By `attribution`, by `taylor` expansion, and for each seed at `random`, as `random SEED`. Each
    of shape (layers, heads).

    # Parameters

    instances : `Sequence[Instance]`
        Indexed and labelled: what importance is estimated on.
    """
    shape = heads_of(explained)
    labelled = _batches(explained, instances)
    batches = tqdm([inputs for inputs, _ in labelled], desc="importance", unit="batch")
    found = {
        "attribution": importance_by_attribution(explained, batches, AttentionAttribution()),
        "taylor": importance_by_taylor(explained, labelled),
    }
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        found[f"random {seed}"] = torch.rand(shape, generator=generator)
    return found


def pruning_curves(
    explained: ExplainedModel,
    instances: Sequence[Instance],
    orders: Mapping[str, Tensor],
) -> dict[str, list[dict[str, Any]]]:
    """
    # Parameters

    instances : `Sequence[Instance]`
        Indexed and labelled: what accuracy is measured on.
    orders : `Mapping[str, Tensor]`
        The importance of each head, by name. Each of shape (layers, heads).

    # Returns

    For each order, for each of `SHARES`: `share` and `heads`, how many of the least important heads
    are pruned, in percent and as a number, and the `accuracy` without them in percent.
    """
    labelled = _batches(explained, instances)
    known: dict[tuple[bool, ...], Any] = {}  # without any, or all, orders agree
    curves: dict[str, list[dict[str, Any]]] = {}
    with tqdm(total=len(orders) * len(SHARES), unit="point") as progress:
        for name, importance in orders.items():
            least_first = importance.flatten().argsort(stable=True)
            curves[name] = []
            for share in SHARES:
                count = round(share / 100 * importance.numel())
                kept = torch.ones(importance.numel(), dtype=torch.bool)
                kept[least_first[:count]] = False
                key = tuple(kept.tolist())
                if key not in known:
                    with pruned(explained, kept.view(importance.shape)):
                        known[key] = _accuracy(explained, labelled)
                curves[name].append({"share": share, "heads": count, "accuracy": known[key]})
                progress.update()
    return curves


def _accuracy(explained: ExplainedModel, labelled: Sequence[tuple[Inputs, Tensor]]) -> Any:
    right: list[bool] = []
    for inputs, labels in labelled:
        right += (predicted(explained, inputs) == labels).tolist()
    return percent(right)


def _batches(
    explained: ExplainedModel, instances: Sequence[Instance]
) -> list[tuple[Inputs, Tensor]]:
    return [(inputs, labels) for _, inputs, labels in labelled_batches(explained, instances)]

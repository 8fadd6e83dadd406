"""
Eq. 1 of Wang et al. 2020, mean attribution and P@1: the same for tensors, with their gradients, and
for arrays and the numbers of records. Imports no torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from array_api_compat import array_namespace

Array = Any
"""A torch tensor or a NumPy array."""


def normalize(raw: Array, mask: Array) -> Array:
    """
    Eq. 1: |raw| over its sum, non-negative, summing to 1 over the real tokens of each input. An
    input whose raw scores are all zero, or not all finite, has no attribution: zero everywhere.

    >>> normalize(numpy.array([[1.0, -3.0, 0.0]]), numpy.array([[True, True, False]]))
    array([[0.25, 0.75, 0.  ]])

    # Parameters

    raw : `Array`
        Of shape (batch, tokens).
    mask : `Array`
        True for real tokens. Of shape (batch, tokens).
    """
    arrays = array_namespace(raw, mask)
    usable = mask & arrays.all(arrays.isfinite(raw), axis=-1, keepdims=True)
    magnitude = arrays.abs(arrays.where(usable, raw, arrays.zeros_like(raw)))
    total = arrays.sum(magnitude, axis=-1, keepdims=True)  # shape: (batch, 1)
    return magnitude / arrays.clip(total, min=arrays.finfo(raw.dtype).smallest_normal)


@dataclass
class TargetScores:
    """
    How far each input of a batch is explained by its target tokens. Inputs without a target token
    have no such score, and are left out of P@1 and mean attribution. All of shape (batch,).

    # Parameters

    attribution : `Array`
        The summed attribution of the target tokens. Its mean is the mean attribution.
    hit : `Array`
        Whether the token with the highest attribution is a target. Its mean is P@1.
    has_target : `Array`
    """

    attribution: Array
    hit: Array
    has_target: Array


def on_target(attribution: Array, targets: Array) -> TargetScores:
    """
    How far each input of a batch is explained by its target tokens.

    # Parameters

    attribution : `Array`
        As `normalize` gives it. Of shape (batch, tokens).
    targets : `Array`
        True for target tokens. Of shape (batch, tokens).
    """
    arrays = array_namespace(attribution, targets)
    highest = arrays.expand_dims(arrays.argmax(attribution, axis=-1), axis=-1)  # shape: (batch, 1)
    hit = arrays.squeeze(arrays.take_along_axis(targets, highest, axis=-1), axis=-1)
    total = arrays.sum(attribution, axis=-1)
    return TargetScores(
        attribution=arrays.sum(attribution * targets, axis=-1),
        # Without any attribution (zero gradients) no token is the highest.
        hit=hit & (total > 0),
        has_target=arrays.any(targets, axis=-1),
    )


def normalized(raw: Sequence[float]) -> list[float]:
    """`normalize` of the scores of one input without padding."""
    scores = numpy.asarray(raw, dtype=float)[None]
    return normalize(scores, numpy.ones_like(scores, dtype=bool))[0].tolist() if len(raw) else []


def share_and_hit(attribution: Sequence[float], positions: Sequence[int]) -> tuple[float, bool]:
    """`on_target` of one input whose target tokens are at `positions`."""
    shares = numpy.asarray(attribution, dtype=float)[None]
    targets = numpy.zeros_like(shares, dtype=bool)
    targets[0, list(positions)] = True
    scores = on_target(shares, targets)
    return float(scores.attribution[0]), bool(scores.hit[0])

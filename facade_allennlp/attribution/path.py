"""Where integrals along a path from nothing to the input are evaluated."""

import numpy
from allennlp.common.checks import ConfigurationError

from facade_allennlp.number import number

RULES = ("left", "middle", "right", "gauss_legendre")
MOST_POINTS = 10_000
"""The most points of an integral, or of a sample; more take hours for each text."""


def path_points(steps: int, rule: str, method: str) -> tuple[list[float], list[float]]:
    """
    Points between 0 and 1, and the weight of each in the approximation of an integral.

    # Parameters

    steps : `int`
        The number of points.
    rule : `str`
        Where they lie: `left` (0, 1/n, ...), `middle`, `right` (1/n, ..., 1) or `gauss_legendre`.
    method : `str`
        Who asks, for messages.

    # Raises

    `ConfigurationError` : fewer than one step, more than `MOST_POINTS`, or an unknown rule.
    """
    number(f"steps of {method}", steps, least=1, most=MOST_POINTS, whole=True)
    if rule not in RULES:
        raise ConfigurationError(f"rule is {rule!r}, but must be one of {list(RULES)}")
    if rule == "gauss_legendre":
        nodes, weights = numpy.polynomial.legendre.leggauss(steps)
        return ((nodes + 1) / 2).tolist(), (weights / 2).tolist()
    shift = {"left": 0.0, "middle": 0.5, "right": 1.0}[rule]
    return ((numpy.arange(steps) + shift) / steps).tolist(), [1 / steps] * steps

"""A number that a user gives, in a config or as an option: finite, and within its range."""

import sys
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError

LARGEST = sys.float_info.max
SHOWN = 40
"""So many characters of a wrong value are in the message."""
LARGEST_SEED = 2**32 - 1
"""What NumPy takes; PyTorch takes larger ones."""


def number(
    name: str,
    value: Any,
    *,
    least: Optional[float] = None,
    above: Optional[float] = None,
    most: Optional[float] = None,
    below: Optional[float] = None,
    whole: bool = False,
) -> Any:
    """
    The value, if it is a finite number within its range.

    >>> self.weight = number("weight", weight, least=0)
    >>> self.steps = number("steps", steps, least=1, whole=True)

    # Parameters

    name : `str`
        Of the setting, for the message.
    value : `Any`
    least, above, most, below : `float`, optional
        It has to be >= `least`, > `above`, <= `most` and < `below`.
    whole : `bool`, optional (default = `False`)
        Whether it has to be an `int`.

    # Raises

    `ConfigurationError` : it is not; the message names the range.
    """
    kinds = int if whole else (int, float)
    if (
        isinstance(value, kinds)
        and not isinstance(value, bool)
        and -LARGEST <= value <= LARGEST
        and (least is None or value >= least)
        and (above is None or value > above)
        and (most is None or value <= most)
        and (below is None or value < below)
    ):
        return value
    bounds = {">=": least, ">": above, "<=": most, "<": below}
    bounded = " and ".join(f"{sign} {bound}" for sign, bound in bounds.items() if bound is not None)
    kind = "a whole number" if whole else "a finite number"
    raise ConfigurationError(
        f"{name} is {repr(value)[:SHOWN]}, but must be {' '.join(filter(None, (kind, bounded)))}"
    )


def seed_of(name: str, seed: Any) -> int:
    """
    A seed, for the generators of NumPy and of PyTorch.

    # Parameters

    name : `str`
        Of what takes the seed, for the message.

    # Raises

    `ConfigurationError` : it is no whole number from 0 to `LARGEST_SEED`.
    """
    return number(f"seed of {name}", seed, least=0, most=LARGEST_SEED, whole=True)

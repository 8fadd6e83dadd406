"""Numbers of a summary; `None` where nothing was counted."""

from collections.abc import Iterable
from typing import Optional


def mean(values: Iterable[float]) -> Optional[float]:
    values = list(values)
    return round(sum(values) / len(values), 2) if values else None


def percent(values: Iterable[float]) -> Optional[float]:
    """The mean of shares, or of truths, in percent."""
    values = list(values)
    return round(100 * sum(values) / len(values), 2) if values else None

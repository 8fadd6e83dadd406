from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Case:
    """
    # Parameters

    ours, other : `Callable[[], None]`
        The two computations, over the same inputs.
    bound : `str`
        What the ratio ours / other shall be.
    """

    title: str
    ours: Callable[[], None]
    other: Callable[[], None]
    bound: str

"""Methods of Captum that draw at random."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional

import numpy
import torch

from facade_allennlp.attribution.baselines import Baseline
from facade_allennlp.attribution.by_captum.captum_method import CaptumMethod
from facade_allennlp.attribution.path import MOST_POINTS
from facade_allennlp.number import number, seed_of

_DRAWING = threading.RLock()
"""Held by whoever draws by a seed, as all threads and models share the generators."""


class Draws:
    """
    What is drawn within it depends on the seed alone, and what is drawn outside does not.

    >>> with Draws(seed=0) as draws:
    ...     first = torch.rand(())
    ...     with draws.paused():  # others draw
    ...         outside = torch.rand(())
    ...     second = torch.rand(())  # as if nothing had been drawn in between

    # Parameters

    seed : `int`
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __enter__(self) -> "Draws":
        _DRAWING.acquire()
        self._outside = _states()
        torch.manual_seed(self._seed)
        numpy.random.seed(self._seed)
        return self

    def __exit__(self, *error: Any) -> None:
        _set_states(self._outside)
        _DRAWING.release()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within it all is as outside, and others may draw."""
        inside = _states()
        self.__exit__()
        try:
            yield
        finally:
            _DRAWING.acquire()
            self._outside = _states()
            _set_states(inside)


States = tuple[torch.Tensor, list[torch.Tensor], Any]


def _states() -> States:
    """Of the generators of torch, on the CPU and on all accelerators, and of NumPy."""
    on_accelerators = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return torch.get_rng_state(), on_accelerators, numpy.random.get_state()


def _set_states(states: States) -> None:
    on_cpu, on_accelerators, of_numpy = states
    torch.set_rng_state(on_cpu)
    if on_accelerators:
        torch.cuda.set_rng_state_all(on_accelerators)
    numpy.random.set_state(of_numpy)


class Sampled(CaptumMethod):
    """
    # Parameters

    samples : `int`, optional (default = `50`)
        How much is drawn for each input.
    seed : `int`, optional (default = `0`)
    baseline : `Baseline`, optional (default = zero)
        What stands for the absence of a token.

    # Raises

    `ConfigurationError` : fewer than one sample, or a negative seed.
    """

    def __init__(
        self, samples: int = 50, seed: int = 0, baseline: Optional[Baseline] = None
    ) -> None:
        super().__init__(baseline)
        name = f"samples of {self.name}"
        self.samples = number(name, samples, least=1, most=MOST_POINTS, whole=True)
        self.seed = seed_of(self.name, seed)

    def part_size(self, rows: int) -> int:
        return 1  # what is drawn would depend on the other inputs

    def rows_per_input(self, tokens: int) -> int:
        return self.samples

    def seeded(self) -> "Draws":
        return Draws(self.seed)

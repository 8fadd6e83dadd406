"""Methods of Captum that draw at random."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Optional

import numpy
import torch

from facade_allennlp.attribution.baselines import Baseline
from facade_allennlp.attribution.by_captum.captum_method import CaptumMethod
from facade_allennlp.attribution.path import MOST_POINTS
from facade_allennlp.number import number, seed_of

_DRAWING = threading.RLock()
"""Held by whoever seeds the generators, which all threads and models share."""


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

    @contextmanager
    def seeded(self) -> Iterator[None]:
        """What is drawn within it depends on the seed alone, and what is drawn outside does not."""
        with _DRAWING, torch.random.fork_rng():
            state = numpy.random.get_state()
            torch.manual_seed(self.seed)
            numpy.random.seed(self.seed)
            try:
                yield
            finally:
                numpy.random.set_state(state)

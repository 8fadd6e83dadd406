from collections.abc import Iterator
from contextlib import contextmanager

import numpy
import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Random draws within it depend on the seed alone, and leave those outside as they were."""
    state = numpy.random.get_state()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        numpy.random.seed(seed)
        try:
            yield
        finally:
            numpy.random.set_state(state)

from allennlp.nn.util import dist_reduce_sum
from torch import Tensor


class Mean:
    """
    The mean of all values of all batches, over all processes of a distributed training. Unlike
    AllenNLP's `Average` it takes any number of values at once, and processes may differ in it (an
    input without a target token has no attribution to average).
    """

    def __init__(self) -> None:
        self._total = 0.0
        self._count = 0

    def __call__(self, values: Tensor) -> None:
        """`values` may have any shape; each process has to call this as often as the others."""
        self._total += dist_reduce_sum(float(values.detach().double().sum()))
        self._count += dist_reduce_sum(values.numel())

    def get_metric(self, reset: bool = False) -> float:
        mean = self._total / self._count if self._count else 0.0
        if reset:
            self._total, self._count = 0.0, 0
        return mean

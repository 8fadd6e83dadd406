"""How much memory may be asked for while a model is built for an archive's weights."""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, Optional

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from facade_allennlp.archives.loading import Loading

OF_ANY = 2**26
"""So many numbers may be asked for in all, whatever the weights are."""
TIMES = 16
"""
And so many times those of the weights: a merged model is built out of its parts, and the zero
blocks of a dense one are filled.
"""
CALLS_OF_ANY = 100_000
CALLS = 1000
"""For each tensor of the weights; building a BERT takes some 20."""
BY_SIZE = frozenset(
    getattr(torch, name) for name in ("empty", "zeros", "ones", "rand", "randn", "full", "eye")
)
BY_END = frozenset({torch.arange})
DRAWING: frozenset[Any] = frozenset(
    getattr(module, f"{name}_")
    for module, names in (
        (Tensor, ("normal", "uniform")),
        (nn.init, ("kaiming_uniform", "normal", "trunc_normal", "uniform", "xavier_uniform")),
    )
    for name in names
)
"""What fills weights by chance before those of the archive take their place."""


class Allocations(TorchFunctionMode):
    """
    Refuses a config that would have torch fill far more memory than the weights do. Nothing is
    drawn at random meanwhile, as `check_weights` sees to it that every weight is the archive's.

    # Parameters

    loading : `Loading`
    numbers, tensors : `int`
        How many the weights have.
    """

    def __init__(self, loading: Loading, numbers: int, tensors: int) -> None:
        super().__init__()
        self.loading = loading
        self.numbers = OF_ANY + TIMES * numbers
        self.calls = CALLS_OF_ANY + CALLS * tensors

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Optional[Mapping[str, Any]] = None,
    ) -> Any:
        self.calls -= 1
        asked = _asked(function, args, kwargs or {})
        if asked > self.numbers or self.calls < 0:
            raise self.loading.refuse("its config makes a model far larger than its weights")
        if function in BY_SIZE or function in BY_END:
            self.numbers -= asked
        if function in DRAWING:
            return args[0] if args else (kwargs or {})["tensor"]
        return function(*args, **(kwargs or {}))


def _asked(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> int:
    """How many numbers a call makes, or fills."""
    if function in BY_SIZE:
        size = kwargs.get("size", args[0] if args else 0)
        sizes = size if isinstance(size, Sequence) else args
        whole = [abs(one) for one in sizes if isinstance(one, int)]
        if function is torch.eye and len(whole) == 1:
            whole *= 2
        return prod(whole)
    if function in BY_END:
        ends = [kwargs.get("end", 0), *args[:2]]
        return max(int(abs(end)) for end in ends if isinstance(end, int | float))
    # One that was made by its class, past this, is filled next.
    return args[0].numel() if args and isinstance(args[0], Tensor) else 0

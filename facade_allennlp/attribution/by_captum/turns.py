"""Modules that a model calls several times, for methods that keep something of each call."""

import copy
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from typing import Any

import torch
from torch import nn

from facade_allennlp.attribution.module_hooks import hooked


class InTurn(nn.Module):
    """
    Stands for a module that is called several times in a pass: a copy of it for each call.

    # Parameters

    module : `nn.Module`
        Without parameters or state, as activation functions are.
    calls : `int`
    """

    def __init__(self, module: nn.Module, calls: int) -> None:
        super().__init__()
        self.copies = nn.ModuleList(copy.deepcopy(module) for _ in range(calls))
        self._turns = cycle(self.copies)

    def forward(self, *arguments: Any) -> Any:
        return next(self._turns)(*arguments)


@contextmanager
def called_once(
    model: nn.Module, kinds: Collection[type[nn.Module]], run: Callable[[], Any]
) -> Iterator[None]:
    """
    Within it each module of some kinds is called once in a pass; `InTurn` stands for those that are
    called more often.

    # Parameters

    model : `nn.Module`
    kinds : `Collection[type[nn.Module]]`
    run : `Callable[[], Any]`
        A pass of the model, in which the calls are counted.
    """
    calls: Counter[nn.Module] = Counter()
    modules = [module for module in model.modules() if type(module) in kinds]
    if modules:
        with torch.no_grad(), hooked(modules, lambda module, *_: calls.update([module])):
            run()
    with ExitStack() as stack:
        for module, count in calls.items():
            if count > 1:
                stack.enter_context(_replaced(model, module, InTurn(module, count)))
        yield


@contextmanager
def _replaced(model: nn.Module, module: nn.Module, other: nn.Module) -> Iterator[None]:
    places = [
        (parent._modules, name)
        for parent in model.modules()
        for name, child in parent._modules.items()
        if child is module
    ]
    for children, name in places:
        children[name] = other
    try:
        yield
    finally:
        for children, name in places:
            children[name] = module

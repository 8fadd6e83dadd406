"""Changes what modules do for a while."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import nn


@contextmanager
def hooked(modules: Iterable[nn.Module], hook: Callable[..., Any]) -> Iterator[None]:
    """
    Runs `hook(module, args, output)` after each of the modules, before any other hook; what it
    returns, if anything, is the module's output.
    """
    with ExitStack() as handles:
        for module in modules:
            handles.callback(module.register_forward_hook(hook, prepend=True).remove)
        yield


@contextmanager
def hooked_before(module: nn.Module, hook: Callable[..., Any]) -> Iterator[None]:
    """
    Runs `hook(module, args)` before the module, after any other such hook; what it returns is what
    the module is given.
    """
    handle = module.register_forward_pre_hook(hook)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def shadowed(forwards: Iterable[tuple[nn.Module, Callable[..., Any]]]) -> Iterator[None]:
    """Within it modules compute something else: for each the function that takes its place."""
    with ExitStack() as stack:
        for module, forward in forwards:
            module.forward = forward  # shadows the method of the class
            stack.callback(delattr, module, "forward")
        yield

"""Who may run a model: one thread at a time, as the hooks of one would be called by the other."""

import threading
from contextlib import AbstractContextManager
from weakref import WeakKeyDictionary

from torch import nn

_LOCKS: WeakKeyDictionary[nn.Module, AbstractContextManager] = WeakKeyDictionary()
_MAKING = threading.Lock()


def lock_of(model: nn.Module) -> AbstractContextManager:
    """
    The lock of a model: the same one for everybody who holds that model. A thread that has it may
    take it again.

    >>> with lock_of(model):
    ...     outputs = model(**inputs)
    """
    with _MAKING:
        return _LOCKS.setdefault(model, threading.RLock())

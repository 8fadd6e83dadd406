"""Who may run a model: one thread at a time, as the hooks of one would be called by the other."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from torch import nn

TURN = 0.25
"""Seconds: whoever is given a model may keep it so long, so that short work is done in one turn."""


class Stopped(BaseException):
    """
    Nobody wants any more what a thread computes, see `stopped_when`. No failure of a method: like
    `KeyboardInterrupt` it ends what is being done, whoever catches exceptions there.
    """


_thread = threading.local()


@contextmanager
def stopped_when(unwanted: Callable[[], bool]) -> Iterator[None]:
    """
    Within it this thread ends with `Stopped` at the next pass of a model, once nobody wants what it
    computes.

    >>> with stopped_when(event.is_set):
    ...     method.attribute(explained, inputs)
    """
    before = getattr(_thread, "unwanted", None)
    _thread.unwanted = unwanted
    try:
        yield
    finally:
        _thread.unwanted = before


def _check_wanted() -> None:
    unwanted = getattr(_thread, "unwanted", None)
    if unwanted is not None and unwanted():
        raise Stopped


class ModelLock:
    """
    A lock that threads are given in the order in which they ask for it. The thread that has it may
    take it again.

    >>> with lock:  # what is changed in the model stays as long as this
    ...     outputs = model(**inputs)

    Work of many passes holds it by `sharing`, and calls `give_way` between two of them, so that
    short work of others need not wait for the end of long work.

    # Raises

    `Stopped` : whoever takes it, or gives way, is not wanted any more, see `stopped_when`.
    """

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._waiting: deque[tuple[int, threading.Lock]] = deque()
        self._owner = 0
        """The thread that has it; 0 for none."""
        self._holds = 0
        """How often it has taken it,"""
        self._alone = 0
        """and how often of these not by `sharing`;"""
        self._since = 0.0
        """and when it was given it."""

    def __enter__(self) -> "ModelLock":
        self._take()
        self._alone += 1
        return self

    def __exit__(self, *error: Any) -> None:
        self._alone -= 1
        self._release()

    @contextmanager
    def sharing(self) -> Iterator[None]:
        """Holds it, and lets others have it whenever `give_way` is called."""
        self._take()
        try:
            yield
        finally:
            self._release()

    def give_way(self) -> None:
        """
        Lets all who wait have the lock first, and takes it back after them. Nothing happens where
        this thread does not have it, has been given it just now (see `TURN`), or holds it otherwise
        than by `sharing`: it may have changed something in the model.
        """
        _check_wanted()
        with self._changing:
            mine = self._owner == threading.get_ident() and not self._alone
            if not mine or not self._waiting or time.monotonic() - self._since < TURN:
                return
            holds = self._holds
            turn = self._line_up()
            self._hand_on()
        self._wait(turn)
        self._holds = holds

    def _take(self) -> None:
        _check_wanted()
        me = threading.get_ident()
        with self._changing:
            if self._owner == 0:
                self._give_to(me)
            if self._owner == me:
                self._holds += 1
                return
            turn = self._line_up()
        self._wait(turn)
        self._holds = 1
        try:
            _check_wanted()
        except Stopped:
            self._release()
            raise

    def _release(self) -> None:
        with self._changing:
            if self._owner != threading.get_ident():
                return  # interrupted while it gave way: it was not given the lock again
            self._holds -= 1
            if not self._holds:
                self._hand_on()

    def _line_up(self) -> threading.Lock:
        """What the next one in line waits for."""
        turn = threading.Lock()
        turn.acquire()
        self._waiting.append((threading.get_ident(), turn))
        return turn

    def _hand_on(self) -> None:
        self._give_to(0)
        if self._waiting:
            thread, turn = self._waiting.popleft()
            self._give_to(thread)
            turn.release()

    def _give_to(self, thread: int) -> None:
        self._owner, self._since = thread, time.monotonic()
        self._holds = self._alone = 0

    def _wait(self, turn: threading.Lock) -> None:
        try:
            turn.acquire()
        except BaseException:  # Ctrl-C: nobody comes for the turn
            with self._changing:
                mine = (threading.get_ident(), turn)
                if mine in self._waiting:
                    self._waiting.remove(mine)
                else:
                    self._hand_on()
            raise


_LOCKS: WeakKeyDictionary[nn.Module, ModelLock] = WeakKeyDictionary()
_MAKING = threading.Lock()


def lock_of(model: nn.Module) -> ModelLock:
    """
    The lock of a model: the same one for everybody who holds that model.

    >>> with lock_of(model):
    ...     outputs = model(**inputs)
    """
    with _MAKING:
        return _LOCKS.setdefault(model, ModelLock())

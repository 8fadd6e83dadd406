"""Blocks over workers: each is worked on, whoever of the workers dies, and counts once."""

import logging
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Optional

from facade_allennlp.errors import InputError, brief
from facade_allennlp.scale.cluster import Cluster, connected
from facade_allennlp.scale.work import Block, Result, Work
from facade_allennlp.scale.worker import Driver, Outcome, Worker
from facade_allennlp.scale.workers import Workers

logger = logging.getLogger(__name__)

AHEAD = 2
"""Blocks that a worker is given at a time, so that it need not wait for the next one."""
DEATHS = 3
"""So many workers may die of a block."""
PATIENCE = 300.0
"""Seconds in which some worker has to start, once none is left."""


def mapped(
    work: Work[Block, Result], blocks: Iterable[Block], workers: Workers
) -> Generator[tuple[Block, Result], None, None]:
    """
    Has workers work on blocks, and gives each block with its result, in the order in which they are
    done. No more blocks are taken than the workers have room for. A worker that dies, or whose node
    does, is replaced, and its blocks are given to others.

    >>> for block, records in mapped(work, blocks, Workers(4)):
    ...     file.add(records)

    # Raises

    `InputError` : what `connected` refuses; a worker that cannot load what the work needs, or that
        has other versions than this process; workers die before they have done anything.
    """
    with connected(workers) as cluster:
        yield from _Crew(cluster, work, workers).done(blocks)


@dataclass(eq=False)
class _Waiting(Generic[Block]):
    """A block that is not done, and how many workers have died of it."""

    block: Block
    deaths: int = 0


@dataclass(eq=False)
class _Member:
    """A worker, whether it is ready, and what it has been given, the oldest first."""

    actor: Any
    ready: bool = False
    given: dict[Any, Any] = field(default_factory=dict)


class _Crew(Generic[Block, Result]):
    """The workers of one piece of work."""

    def __init__(self, cluster: Cluster, work: Work[Block, Result], workers: Workers) -> None:
        self.ray = cluster.ray
        self.work = work
        self.workers = workers
        device = 0 if workers.gpus else -1
        remote = self.ray.remote(Worker).options(
            num_cpus=cluster.threads,
            num_gpus=workers.gpus,
            max_restarts=0,
            scheduling_strategy="SPREAD",
        )
        sent, driver = self.ray.put(work), Driver.here()
        self.new = lambda: remote.remote(sent, driver, cluster.threads, device)
        self.members: list[_Member] = []
        self.pending: dict[Any, _Member] = {}
        self.again: deque[_Waiting[Block]] = deque()
        self.fruitless = 0
        """Deaths since a block was last done."""

    def done(self, blocks: Iterable[Block]) -> Generator[tuple[Block, Result], None, None]:
        source = map(_Waiting, blocks)
        try:
            for _ in range(self.workers.count):
                self._start()
            while True:
                self._hand_out(source)
                if self._ready() and not any(member.given for member in self.members):
                    return
                reference, member = self._next()
                try:
                    outcome: Outcome = self.ray.get(reference)
                except self.ray.exceptions.RayTaskError:
                    raise  # a fault of the program, with the worker's traceback
                except self.ray.exceptions.RayError as error:
                    yield from self._lost(member, brief(error))
                    continue
                for text in outcome.logged:
                    logger.error("%s", text)
                if outcome.refused is not None:
                    raise InputError(outcome.refused)
                member.ready = True
                given = member.given.pop(reference, None)
                if given is not None:
                    self.fruitless = 0
                    yield given.block, outcome.result
        finally:
            for member in self.members:
                self.ray.kill(member.actor)

    def _ready(self) -> bool:
        return any(member.ready for member in self.members)

    def _start(self) -> None:
        member = _Member(self.new())
        self.members.append(member)
        self.pending[member.actor.start.remote()] = member

    def _hand_out(self, source: Iterator[_Waiting[Block]]) -> None:
        """One block each, until none has room for another."""
        for room in range(AHEAD):
            for member in self.members:
                if member.ready and len(member.given) == room:
                    waiting = self.again.popleft() if self.again else next(source, None)
                    if waiting is None:
                        return
                    reference = member.actor.run.remote(waiting.block)
                    member.given[reference] = waiting
                    self.pending[reference] = member

    def _next(self) -> tuple[Any, _Member]:
        """Whatever is done next."""
        patience: Optional[float] = None if self._ready() else PATIENCE
        done, _ = self.ray.wait(list(self.pending), num_returns=1, timeout=patience)
        if not done:
            raise InputError(
                f"no worker has started within {PATIENCE:g} s: the cluster's cores may be others'"
            )
        return done[0], self.pending.pop(done[0])

    def _lost(self, member: _Member, reason: str) -> Generator[tuple[Block, Result], None, None]:
        """Another worker takes a dead one's place, and its blocks are worked on once more."""
        self.members.remove(member)
        self.ray.kill(member.actor)
        for reference in [of for of, whose in self.pending.items() if whose is member]:
            del self.pending[reference]
        self.fruitless += 1
        if self.fruitless > DEATHS * (self.workers.count + 1):
            raise InputError(f"workers die before they have done anything: {reason}")
        logger.error("a worker has died, and another takes its place: %s", reason)
        self._start()
        left = list(member.given.values())
        if not left:
            return
        first = left[0]  # it was being worked on
        first.deaths += 1
        if first.deaths < DEATHS:
            self.again.extendleft(reversed(left))
            return
        self.again.extendleft(reversed(left[1:]))
        parts = self.work.parts(first.block)
        if parts:
            self.again.extend(map(_Waiting, parts))
        else:
            yield first.block, self.work.broken(first.block, reason)

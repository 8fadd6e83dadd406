"""Ray as a program sees it, in one process: who dies of what is known beforehand."""

import pickle
from collections.abc import Callable, Iterator
from typing import Any

from facade_allennlp.scale.cluster import Cluster
from facade_allennlp.scale.work import Work
from facade_allennlp.scale.workers import Workers


class RayError(Exception):
    pass


class RayTaskError(RayError):
    pass


class Reference:
    """What a call gives before it is done."""


class Actor:
    """Does what it was asked for when it is waited for; once dead, nothing."""

    def __init__(self, ray: "OneProcess", made: Any) -> None:
        self.ray, self.made, self.dead = ray, made, False

    def __getattr__(self, name: str) -> Any:
        return Call(self, name)


class Call:
    def __init__(self, actor: Actor, name: str) -> None:
        self.actor, self.name = actor, name

    def remote(self, *arguments: Any) -> Reference:
        reference = Reference()
        self.actor.ray.calls[reference] = (self.actor, self.name, arguments)
        return reference


class OneProcess:
    """
    Stands in for the package.

    # Parameters

    deadly : `Callable[[Any], bool]`
        Whether a worker dies of a block.
    """

    class exceptions:  # noqa: N801
        RayError, RayTaskError = RayError, RayTaskError

    def __init__(self, deadly: Callable[[Any], bool]) -> None:
        self.deadly = deadly
        self.calls: dict[Reference, tuple[Actor, str, Any]] = {}
        self.actors: list[Actor] = []
        self.most_given = 0

    def put(self, value: Any) -> Any:
        return value

    def remote(self, kind: Any) -> Any:
        ray = self

        class Remote:
            def options(self, **options: Any) -> "Remote":
                return self

            def remote(self, *arguments: Any) -> Actor:
                ray.actors.append(Actor(ray, kind(*arguments)))
                return ray.actors[-1]

        return Remote()

    def wait(self, references: list[Reference], **options: Any) -> tuple[list[Reference], Any]:
        self.most_given = max(self.most_given, len(references))
        last, *_ = self.calls[references[-1]]
        # An actor does one thing after another.
        done = next(one for one in references if self.calls[one][0] is last)
        return [done], [one for one in references if one is not done]

    def get(self, reference: Reference) -> Any:
        actor, name, arguments = self.calls[reference]
        if actor.dead or (name == "run" and self.deadly(arguments[0])):
            actor.dead = True
            raise RayError("its process has ended")
        return getattr(actor.made, name)(*arguments)

    def kill(self, actor: Actor) -> None:
        actor.dead = True


class Squares(Work[list[int], list[int]]):
    """A block of numbers; its result are their squares."""

    def load(self, cuda_device: int) -> Callable[[list[int]], list[int]]:
        return lambda block: [number**2 for number in block]

    def parts(self, block: list[int]) -> list[list[int]]:
        return [[number] for number in block] if len(block) > 1 else []

    def broken(self, block: list[int], reason: str) -> list[int]:
        return [-1]


def cluster(deadly: Callable[[Any], bool] = lambda block: False) -> tuple[OneProcess, Cluster]:
    ray = OneProcess(deadly)
    return ray, Cluster(ray, threads=1)


def in_this_process(work: Any, blocks: Any, workers: Workers) -> Iterator[tuple[Any, Any]]:
    """As `mapped`, by one worker, which gets and gives only what can be sent."""
    do = sent(work).load(-1)
    for block in blocks:
        yield block, sent(do(sent(block)))


def sent(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


def counted(blocks: list[list[int]], taken: list[list[int]]) -> Iterator[list[int]]:
    """The blocks; notes which were taken."""
    for block in blocks:
        taken.append(block)
        yield block

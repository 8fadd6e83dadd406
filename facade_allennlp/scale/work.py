from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from facade_allennlp.errors import InputError

Block = TypeVar("Block")
Result = TypeVar("Result")


class Work(ABC, Generic[Block, Result]):
    """
    What workers do. It is sent to each of them once, so it holds names and settings, and no model.
    The same block always has the same result, whoever works on it: one may be worked on twice.
    """

    @abstractmethod
    def load(self, cuda_device: int) -> Callable[[Block], Result]:
        """
        What a worker does with a block, once it has loaded what that needs.

        # Parameters

        cuda_device : `int`
            -1 for the CPU.

        # Raises

        `InputError`, `ConfigurationError` : that is not possible, which ends the whole.
        """

    def parts(self, block: Block) -> Sequence[Block]:
        """
        A block that its workers do not survive, in smaller blocks; by default it has none.
        """
        return []

    def broken(self, block: Block, reason: str) -> Result:
        """
        The result of a block that has no parts, and that its workers do not survive.

        # Raises

        `InputError` : there is none, as by default.
        """
        raise InputError(f"the workers do not survive what they are given: {reason}")

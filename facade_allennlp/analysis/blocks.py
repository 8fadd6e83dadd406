"""A corpus in blocks that are measured one by one, wherever that is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from allennlp.data import DatasetReader, Instance, Vocabulary

from facade_allennlp.attribution.batches import batches_of
from facade_allennlp.sources import corpus

STRETCH = 4096
"""Instances that follow one another, of which batches are made, so that not all need be held."""
MOST_BATCHES = 8
"""Of a block."""
BLOCKS = 8
"""So many each worker gets of a stretch, at least, so that none waits long for the last one."""

Numbered = dict[int, Instance]
"""Instances by their numbers in the data file."""


@dataclass
class Block:
    """
    What is measured at a time.

    # Parameters

    batches : `list[Numbered]`
        Each of like lengths, and with about as many tokens as the others.
    """

    batches: list[Numbered]

    @property
    def size(self) -> int:
        return sum(map(len, self.batches))


class Plan:
    """
    The blocks of a corpus. Its batches depend on nothing but its instances and `max_batch_tokens`,
    so that the numbers are the same however the work is shared.

    # Parameters

    instances : `Iterator[tuple[int, Instance]]`
        By their numbers; see `corpus.stream`.
    max_batch_tokens : `int`
    prepare : `Callable[[Numbered], None]`
        Is given each stretch before it is cut into batches.
    workers : `int`, optional (default = `1`)
        Who share the blocks.
    """

    def __init__(
        self,
        instances: Iterator[tuple[int, Instance]],
        max_batch_tokens: int,
        prepare: Callable[[Numbered], None],
        workers: int = 1,
    ) -> None:
        self._instances = instances
        self._max_batch_tokens = max_batch_tokens
        self._prepare = prepare
        self._workers = workers
        self.read = 0
        """Instances that were read so far."""
        self.whole = False
        """Whether those are all."""

    def __iter__(self) -> Iterator[Block]:
        stretch = self._following(STRETCH)
        while stretch:
            self._prepare(stretch)
            blocks = list(self._cut(stretch))
            stretch = {}
            # The next stretch is read piece by piece, so that nobody waits for the whole of it.
            share = -(-STRETCH // len(blocks))
            for block in blocks:
                stretch |= self._following(min(share, STRETCH - len(stretch)))
                yield block

    def _following(self, count: int) -> Numbered:
        instances = dict(islice(self._instances, count))
        self.read += len(instances)
        self.whole = self.whole or len(instances) < count
        return instances

    def _cut(self, stretch: Numbered) -> Iterator[Block]:
        numbers = list(stretch)
        batches = [
            {numbers[place]: stretch[numbers[place]] for place in places}
            for places in batches_of(list(stretch.values()), self._max_batch_tokens)
        ]
        size = max(1, min(MOST_BATCHES, len(batches) // (BLOCKS * self._workers)))
        for first in range(0, len(batches), size):
            yield Block(batches[first : first + size])


def labels_indexed(instances: Mapping[int, Instance], vocabulary: Vocabulary, data: str) -> None:
    """
    Gives the labels their numbers; texts are given theirs by whoever measures them.

    # Raises

    `ConfigurationError` : an instance has a label that the vocabulary lacks.
    """
    labels = {}
    for number, instance in instances.items():
        others = {
            name: field
            for name, field in instance.fields.items()
            if not any(corpus.text_fields([field]))
        }
        labels[number] = Instance(others)
    corpus.index(labels, vocabulary, data)


def vocabulary_filled(instance: Instance, vocabulary: Vocabulary) -> None:
    """
    Adds to the vocabulary what indexers of transformers add to it with their first text. The
    instance counts as not indexed.
    """
    Instance(dict(instance.fields)).index_fields(vocabulary)


def without_indexers(instances: Mapping[int, Instance], reader: DatasetReader) -> None:
    """
    Takes from texts what a reader of the same archive gives them again by `apply_token_indexers`,
    as AllenNLP does where instances go from one process to another: it may hold a whole tokenizer.
    """
    for instance in instances.values():
        fields = list(corpus.text_fields(instance.fields.values()))
        before = [field._token_indexers for field in fields]
        for field in fields:
            field._token_indexers = None
        reader.apply_token_indexers(instance)
        for field, indexers in zip(fields, before, strict=True):
            given_again = field._token_indexers is not None
            field._token_indexers = None if given_again else indexers

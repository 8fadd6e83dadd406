"""The records of blocks, by a model that was loaded once."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from allennlp.data import Instance

from facade_allennlp.analysis.blocks import Block
from facade_allennlp.analysis.measurement import Measurement
from facade_allennlp.archives import load
from facade_allennlp.attribution import ExplainedModel, explained_archive
from facade_allennlp.attribution.attempt import sentence
from facade_allennlp.errors import is_users
from facade_allennlp.results.header import LeftOut
from facade_allennlp.results.record import Record
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.shard import Line
from facade_allennlp.results.source import Source, check_seen
from facade_allennlp.scale.work import Work
from facade_allennlp.sources import corpus

logger = logging.getLogger(__name__)

UNREADABLE = (IndexError, RuntimeError, ValueError)
"""What torch, and models, raise at an input that they cannot read; these and none below them."""

Measured = list[Record | LeftOut]


def measured(
    measurement: Measurement, explained: ExplainedModel, instances: Mapping[int, Instance]
) -> Measured:
    """
    The records of a batch; where that fails, of each input by itself, so that one that the model
    cannot read is left out. An error that does not look like that, but like a fault in a program,
    is logged with where it came from. `instances` are given by their numbers in the data file.
    """
    try:
        return list(measurement.measure(explained, list(instances.values()), list(instances)))
    except Exception as error:
        if len(instances) == 1:
            (index,) = instances
            if not is_users(error) and type(error) not in UNREADABLE:
                logger.exception("instance %d is left out, by a fault in a program", index)
            return [LeftOut(index, sentence(error))]
    return [
        record
        for index, instance in instances.items()
        for record in measured(measurement, explained, {index: instance})
    ]


@dataclass
class Measuring(Work[Block, list[Line]]):
    """
    What a worker does of a measurement: records, as they are written.

    # Parameters

    archive : `Source`
        As workers see it.
    data : `str`
        For messages.
    settings : `Settings`
    """

    archive: Source
    data: str
    settings: Settings

    def load(self, cuda_device: int) -> Callable[[Block], list[Line]]:
        check_seen(self.archive)
        archive = load(self.archive.path, cuda_device, self.settings.overrides or "")
        reader, vocabulary = archive.validation_dataset_reader, archive.model.vocab
        explained = explained_archive(archive, **self.settings.of_model)
        measurement = Measurement.from_settings(self.settings)

        def measure(block: Block) -> list[Line]:
            lines: list[Line] = []
            for batch in block.batches:
                for instance in batch.values():
                    reader.apply_token_indexers(instance)
                corpus.index(batch, vocabulary, self.data)
                lines += map(Line.of, measured(measurement, explained, batch))
            return lines

        return measure

    def parts(self, block: Block) -> Sequence[Block]:
        if block.size == 1:
            return []
        return [
            Block([{number: instance}])
            for batch in block.batches
            for number, instance in batch.items()
        ]

    def broken(self, block: Block, reason: str) -> list[Line]:
        (batch,) = block.batches
        return [Line.of(LeftOut(index, f"no worker survives it: {reason}")) for index in batch]

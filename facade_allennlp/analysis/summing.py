"""The numbers of a model out of its records, which may lie in several files."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from facade_allennlp.analysis.measurement import Measurement
from facade_allennlp.analysis.tally import Tally
from facade_allennlp.attribution.attempt import sentence
from facade_allennlp.errors import InputError
from facade_allennlp.results.header import LeftOut
from facade_allennlp.results.records_file import paired
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.shard import read_header
from facade_allennlp.results.summary import ModelSummary
from facade_allennlp.scale.mapped import mapped
from facade_allennlp.scale.work import Work
from facade_allennlp.scale.workers import Workers, cores_here

NOT_AS_WRITTEN = (AttributeError, ArithmeticError, LookupError, TypeError, ValueError)
"""What analyses raise at records of another form."""


@dataclass
class Summing(Work[int, Tally]):
    """
    What is made of one of a model's files.

    # Parameters

    settings : `Settings`
    path : `Path`
        The model's first file, which stands for all of them.
    reference : `Path`, optional
        That of the model that it is compared with.
    was_there : `bool`
        Whether an earlier run left records: they need not be what the analyses wrote.
    """

    settings: Settings
    path: Path
    reference: Optional[Path]
    was_there: bool

    def load(self, cuda_device: int) -> Callable[[int], Tally]:
        measurement = Measurement.from_settings(self.settings)
        return lambda number: self._tally(measurement, number)

    def _tally(self, measurement: Measurement, number: int) -> Tally:
        """
        # Raises

        `InputError` : there is no such file; its records are not as the analyses write them.
        """
        tally = measurement.tally(self.reference is not None)
        with self._as_written():
            for entry, other in paired(self.path, self.reference, number):
                if isinstance(entry, LeftOut):
                    tally.left_out[entry.left_out] += 1
                else:
                    tally.add(entry, other)
        return tally

    @contextmanager
    def _as_written(self) -> Iterator[None]:
        """
        # Raises

        `InputError` : inside analyses meet records that an earlier run left, and that none wrote.
        """
        try:
            yield
        except InputError:
            raise
        except NOT_AS_WRITTEN as error:
            if not self.was_there:
                raise
            raise InputError(
                f"{self.path}: its records are not as the analyses write them "
                f"({sentence(error)}); measure anew with --force"
            ) from error

    def summarized(self, workers: Optional[Workers]) -> ModelSummary:
        """
        The numbers of the model. The files are on this machine, and so are those who share them.

        # Raises

        `InputError` : see `_tally`.
        """
        count = read_header(self.path).shards or 1
        if workers is None or count == 1:
            return self._put_together(map(self.load(-1), range(count)))
        sharing = Workers(min(workers.count, cores_here()))
        with closing(mapped(self, range(count), sharing)) as done:
            return self._put_together(in_order(done))

    def _put_together(self, tallies: Iterator[Tally]) -> ModelSummary:
        whole = next(tallies)
        for tally in tallies:
            whole.merge(tally)
        with self._as_written():
            return whole.summary()


def in_order(tallies: Iterable[tuple[int, Tally]]) -> Iterator[Tally]:
    """By their numbers, of which none is missing. Those that come too early wait."""
    waiting: dict[int, Tally] = {}
    number = 0
    for own, tally in tallies:
        waiting[own] = tally
        while number in waiting:
            yield waiting.pop(number)
            number += 1

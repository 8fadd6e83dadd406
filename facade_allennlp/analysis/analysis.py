from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from allennlp.common import Registrable
from allennlp.data import Instance

from facade_allennlp.attribution import Attribution, ExplainedModel
from facade_allennlp.attribution.forward_pass import ForwardPass
from facade_allennlp.results.record import Record
from facade_allennlp.results.table import Table
from facade_allennlp.scores.sums import Key, Sums
from facade_allennlp.texts.source_text import SourceText

DIGITS = 6
"""Significant digits of the numbers in a record."""


@dataclass
class MeasuredBatch:
    """
    What is known of a batch before it is analysed.

    # Parameters

    explained : `ExplainedModel`
        In evaluation mode.
    instances : `Sequence[Instance]`
        Indexed with the model's vocabulary.
    indices : `Sequence[int]`
        The number of each in the data file.
    forward : `ForwardPass`
        What the model makes of them.
    texts : `Sequence[SourceText]`
    attributions : `dict[str, Attribution]`
        Of the model's own predictions, by the names of the methods.
    seconds : `dict[str, float]`
        That each method took for one input.
    """

    explained: ExplainedModel
    instances: Sequence[Instance]
    indices: Sequence[int]
    forward: ForwardPass
    texts: Sequence[SourceText]
    attributions: dict[str, Attribution] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


class Analysis(Registrable):
    """
    What is measured of each input beside predictions, and what becomes of it over all inputs. A new
    one is one file with one registered subclass, and a line of config: its rows stand in the
    records under its name, its part in each model's summary, and its tables in the summary, so that
    what shows them has to know nothing of it.

    One that gives `values` and makes its part of their sums (`part`) needs no record twice, so that
    a corpus may have any size. One that has `summarize` of its own is given all records at once.

    The analyses that ship have fields of their own in records and summaries, and tables that
    are views of those.
    """

    row_field: Optional[str] = None
    """The field of `Record` that holds the rows; by default `analyses`, by name."""

    part_field: Optional[str] = None
    """The field of `ModelSummary` that holds the part; by default `analyses`, by name."""

    def measure(self, batch: MeasuredBatch) -> Sequence[Any]:
        """
        A row for each input, in order, of what JSON can hold; `None` where there is nothing to
        keep. By default there is nothing: what records hold without it is all that is summarized.
        """
        return [None] * len(batch.instances)

    @property
    def is_summed(self) -> bool:
        """Whether it gives `values`."""
        return type(self).values is not Analysis.values

    def values(
        self, row: Any, record: Record, reference: Optional[Record] = None
    ) -> Iterator[tuple[Key, Optional[float]]]:
        """
        What is summed up of one input, by key; see `Sums`.

        # Parameters

        row : `Any`
            What `measure` gave for it.
        reference : `Record`, optional
            What the model that others are compared with makes of this input.
        """
        raise NotImplementedError

    def part(self, sums: Sums, compared: bool) -> Any:
        """
        What `summarize` gives, out of the sums of all inputs' values.

        # Parameters

        compared : `bool`
            Whether there is a model that this one is compared with.
        """
        raise NotImplementedError

    def is_sampled(self, key: Key) -> bool:
        """Whether a sample of the values under a key is needed beside their sum."""
        return False

    def summarize(
        self,
        rows: Sequence[Any],
        records: Sequence[Record],
        reference: Optional[Sequence[Record]] = None,
    ) -> Any:
        """
        Numbers of one model, of what JSON can hold.

        # Parameters

        rows : `Sequence[Any]`
            What `measure` gave for each input.
        records : `Sequence[Record]`
            All that was measured of these inputs, in the same order.
        reference : `Sequence[Record]`, optional
            Of the model that others are compared with, where this is another.
        """
        others = {record.index: record for record in reference or ()}
        sums = Sums()
        for row, record in zip(rows, records, strict=True):
            self.sum_up(sums, row, record, others.get(record.index))
        return self.part(sums, reference is not None)

    def sum_up(self, sums: Sums, row: Any, record: Record, reference: Optional[Record]) -> None:
        """Adds the values of one input."""
        for key, value in self.values(row, record, reference):
            sums.add(key, value, record.index if self.is_sampled(key) else None)

    def tables(self, name: str, parts: Mapping[str, Any]) -> list[Table]:
        """
        How the numbers are shown: by default they are not.

        # Parameters

        name : `str`
            That the analysis was given.
        parts : `Mapping[str, Any]`
            What `summarize` gave for each model.
        """
        return []


def rounded(value: float) -> float:
    """To `DIGITS` significant digits."""
    return float(f"{value:.{DIGITS}g}")

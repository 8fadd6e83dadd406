from collections.abc import Iterator, Sequence
from typing import Optional

from facade_allennlp.analysis.analysis import Analysis, MeasuredBatch, rounded
from facade_allennlp.results.record import Record
from facade_allennlp.scores.sums import Key, Sums


class Timing(Analysis):
    """How long methods take: of each input the share of its batch, and seconds for 1,000 inputs."""

    row_field = part_field = "seconds"

    def measure(self, batch: MeasuredBatch) -> Sequence[dict[str, float]]:
        seconds = {name: rounded(took) for name, took in batch.seconds.items()}
        return [seconds] * len(batch.instances)

    def values(
        self, row: dict[str, float], record: Record, reference: Optional[Record] = None
    ) -> Iterator[tuple[Key, Optional[float]]]:
        for name, seconds in row.items():
            yield (name,), seconds

    def part(self, sums: Sums, compared: bool) -> dict[str, float]:
        return {name: round(sums[name,].mean(1000) or 0, 2) for name in sums.names()}

from collections.abc import Sequence
from statistics import mean
from typing import Optional

from facade_allennlp.analysis.analysis import Analysis, MeasuredBatch, rounded
from facade_allennlp.results.record import Record


class Timing(Analysis):
    """How long methods take: of each input the share of its batch, and seconds for 1,000 inputs."""

    row_field = part_field = "seconds"

    def measure(self, batch: MeasuredBatch) -> Sequence[dict[str, float]]:
        seconds = {name: rounded(took) for name, took in batch.seconds.items()}
        return [seconds] * len(batch.instances)

    def summarize(
        self,
        rows: Sequence[dict[str, float]],
        records: Sequence[Record],
        reference: Optional[Sequence[Record]] = None,
    ) -> dict[str, float]:
        names = rows[0] if rows else ()
        return {name: round(1000 * mean(row[name] for row in rows), 2) for name in names}

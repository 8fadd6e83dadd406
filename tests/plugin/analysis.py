"""An analysis from outside: over how many tokens an explanation is spread."""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Optional

from facade_allennlp.analysis import Analysis, MeasuredBatch
from facade_allennlp.results.record import Record
from facade_allennlp.results.table import Heading, Table


@Analysis.register("spread")
class Spread(Analysis):
    """
    The entropy of the attribution of each method, mean over inputs.

    # Parameters

    base : `float`, optional (default = `2`)
        Of the logarithm.
    """

    def __init__(self, base: float = 2.0) -> None:
        self.base = base

    def measure(self, batch: MeasuredBatch) -> Sequence[dict[str, float]]:
        return [
            {
                name: self._entropy(attribution.normalized[row].tolist())
                for name, attribution in batch.attributions.items()
            }
            for row in range(len(batch.instances))
        ]

    def _entropy(self, shares: Sequence[float]) -> float:
        return -sum(share * math.log(share, self.base) for share in shares if share > 0)

    def summarize(
        self,
        rows: Sequence[dict[str, float]],
        records: Sequence[Record],
        reference: Optional[Sequence[Record]] = None,
    ) -> dict[str, float]:
        names = rows[0] if rows else ()
        return {name: fmean(row[name] for row in rows) for name in names}

    def tables(self, name: str, parts: Mapping[str, dict[str, float]]) -> list[Table]:
        methods = next(iter(parts.values()))
        columns = [Heading(method, method=method) for method in methods]
        table = Table(f"{name}: entropy", columns, digits=2)
        for model, part in parts.items():
            table.add(Heading(model, model=model), [part[method] for method in methods])
        return [table]

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any, Optional

from facade_allennlp.analysis.analysis import Analysis, MeasuredBatch, rounded
from facade_allennlp.faithfulness import Faithfulness
from facade_allennlp.results.record import Erased, ErasedByMethod, Record
from facade_allennlp.results.summary import Deletion, FaithfulnessSummary, MethodFaithfulness
from facade_allennlp.scores.sums import Key, Sums

WITHOUT, OF = "without", "of"
"""In the keys of sums."""


class Erasing(Analysis):
    """
    How faithful methods are, by what becomes of a prediction when tokens are taken out.

    # Parameters

    faithfulness : `Faithfulness`
    """

    row_field = part_field = "faithfulness"

    def __init__(self, faithfulness: Faithfulness) -> None:
        self.faithfulness = faithfulness

    def measure(self, batch: MeasuredBatch) -> Sequence[Optional[Erased]]:
        measured = self.faithfulness.measure(
            batch.explained, batch.instances, batch.indices, batch.attributions
        )
        return [None if erased is None else _row(erased) for erased in measured]

    def values(
        self, row: Optional[Erased], record: Record, reference: Optional[Record] = None
    ) -> Iterator[tuple[Key, Optional[float]]]:
        yield (WITHOUT,), row is None
        if row is None:
            return
        for name, of in row.methods.items():
            if not record.explained_by(name):
                yield (OF, name, "left out"), None
                continue
            yield (OF, name, "comprehensiveness"), row.whole - fmean(of.without)
            yield (OF, name, "sufficiency"), row.whole - fmean(of.only)
            yield (OF, name, "left out"), of.left_out
            for point in range(len(self.faithfulness.shares)):
                curve = (OF, name, str(point))
                yield (*curve, "probability"), of.without[point]
                yield (*curve, "as before"), of.predicted[point] == record.prediction
                if record.gold is not None:
                    yield (*curve, "accuracy"), of.predicted[point] == record.gold

    def part(self, sums: Sums, compared: bool) -> FaithfulnessSummary:
        methods = {name: self._of_method(name, sums) for name in sums.names(OF)}
        return FaithfulnessSummary(sums.total(WITHOUT), methods)

    def _of_method(self, name: str, sums: Sums) -> MethodFaithfulness:
        return MethodFaithfulness(
            sums.percent(OF, name, "comprehensiveness"),
            sums.percent(OF, name, "sufficiency"),
            sums.percent(OF, name, "left out"),
            [
                Deletion(
                    round(100 * share, 6),
                    sums.percent(OF, name, str(point), "probability"),
                    sums.percent(OF, name, str(point), "as before"),
                    sums.percent(OF, name, str(point), "accuracy"),
                )
                for point, share in enumerate(self.faithfulness.shares)
            ],
        )


def _row(erased: dict[str, Any]) -> Erased:
    methods = {
        name: ErasedByMethod(
            list(map(rounded, of["without"])),
            list(map(rounded, of["only"])),
            of["predicted"],
            rounded(of["left_out"]),
        )
        for name, of in erased["methods"].items()
    }
    return Erased(rounded(erased["whole"]), methods)

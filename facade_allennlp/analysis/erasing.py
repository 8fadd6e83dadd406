from collections.abc import Sequence
from statistics import fmean
from typing import Any, Optional

from facade_allennlp.analysis.analysis import Analysis, MeasuredBatch, rounded
from facade_allennlp.faithfulness import Faithfulness
from facade_allennlp.results.record import Erased, ErasedByMethod, Record
from facade_allennlp.results.summary import Deletion, FaithfulnessSummary, MethodFaithfulness
from facade_allennlp.scores.averages import percent


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

    def summarize(
        self,
        rows: Sequence[Optional[Erased]],
        records: Sequence[Record],
        reference: Optional[Sequence[Record]] = None,
    ) -> FaithfulnessSummary:
        counted = [(erased, record) for erased, record in zip(rows, records) if erased]
        names = counted[0][0].methods if counted else ()
        methods = {name: self._of_method(name, counted) for name in names}
        return FaithfulnessSummary(len(records) - len(counted), methods)

    def _of_method(self, name: str, counted: Sequence[tuple[Erased, Record]]) -> MethodFaithfulness:
        inputs = [
            (erased.whole, erased.methods[name], record)
            for erased, record in counted
            if record.explained_by(name)
        ]
        return MethodFaithfulness(
            percent(whole - fmean(of.without) for whole, of, _ in inputs),
            percent(whole - fmean(of.only) for whole, of, _ in inputs),
            percent(of.left_out for _, of, _ in inputs),
            [
                Deletion(
                    round(100 * share, 6),
                    percent(of.without[k] for _, of, _ in inputs),
                    percent(of.predicted[k] == record.prediction for _, of, record in inputs),
                    percent(
                        of.predicted[k] == record.gold
                        for _, of, record in inputs
                        if record.gold is not None
                    ),
                )
                for k, share in enumerate(self.faithfulness.shares)
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

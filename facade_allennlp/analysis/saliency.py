"""How far methods point to target tokens."""

from collections.abc import Sequence
from statistics import mean
from typing import Optional

from facade_allennlp.analysis.analysis import Analysis, MeasuredBatch, rounded
from facade_allennlp.results.record import Record
from facade_allennlp.results.summary import OnTarget, TargetSummary
from facade_allennlp.scores.attribution import share_and_hit
from facade_allennlp.scores.averages import percent
from facade_allennlp.scores.intervals import interval


class Saliency(Analysis):
    """The scores of each method, and how far they point to target tokens: P@1, mean attribution."""

    row_field = "scores"
    part_field = "targets"

    def measure(self, batch: MeasuredBatch) -> Sequence[dict[str, list[float]]]:
        return [
            {
                name: list(map(rounded, attribution.raw[row][attribution.mask[row]].tolist()))
                for name, attribution in batch.attributions.items()
            }
            for row in range(len(batch.instances))
        ]

    def summarize(
        self,
        rows: Sequence[dict[str, list[float]]],
        records: Sequence[Record],
        reference: Optional[Sequence[Record]] = None,
    ) -> dict[str, TargetSummary]:
        targets = records[0].targets if records else {}
        return {target: _on_target(records, target) for target in targets}


def _on_target(records: Sequence[Record], target: str) -> TargetSummary:
    with_target = [record for record in records if record.targets[target]]
    methods = {}
    for method in records[0].scores:
        counted = [record for record in with_target if record.explained_by(method)]
        pairs = [share_and_hit(r.attribution(method), r.targets[target]) for r in counted]
        shares, hits = [share for share, _ in pairs], [hit for _, hit in pairs]
        methods[method] = OnTarget(
            percent(hits),
            percent(shares),
            *_per_token(counted, shares, target),
            p_at_1_interval=interval(hits),
            mean_attribution_interval=interval(shares),
        )
    return TargetSummary(len(records) - len(with_target), methods)


def _per_token(
    records: Sequence[Record], shares: Sequence[float], target: str
) -> tuple[Optional[float], Optional[float]]:
    """
    The attribution of a target token, and its difference to that of any. `shares` are the target
    tokens' of each record.
    """
    if not records:
        return None, None
    target_token = mean(
        share / len(record.targets[target]) for record, share in zip(records, shares)
    )
    # The attributions of an instance sum to 1.
    any_token = mean(1 / len(record.tokens) for record in records)
    return round(target_token, 6), round(100 * (target_token / any_token - 1), 2)

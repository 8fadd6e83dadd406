"""How far methods point to target tokens."""

from collections.abc import Iterator, Sequence
from typing import Optional

from facade_allennlp.analysis.analysis import Analysis, MeasuredBatch, rounded
from facade_allennlp.results.record import Record
from facade_allennlp.results.summary import OnTarget, TargetSummary
from facade_allennlp.scores.attribution import share_and_hit
from facade_allennlp.scores.sums import Key, Sums

WITHOUT, ON, SHARE, HIT = "without", "on", "share", "hit"
"""In the keys of sums."""


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

    def values(
        self, row: dict[str, list[float]], record: Record, reference: Optional[Record] = None
    ) -> Iterator[tuple[Key, Optional[float]]]:
        for target, positions in record.targets.items():
            yield (WITHOUT, target), not positions
            for method in row:
                if not positions or not record.explained_by(method):
                    yield (ON, target, method, SHARE), None
                    continue
                share, hit = share_and_hit(record.attribution(method), positions)
                yield (ON, target, method, SHARE), share
                yield (ON, target, method, HIT), hit
                yield (ON, target, method, "token"), share / len(positions)
                # The attributions of an instance sum to 1.
                yield (ON, target, method, "any token"), 1 / len(record.tokens)

    def is_sampled(self, key: Key) -> bool:
        return key[-1] in (SHARE, HIT)

    def part(self, sums: Sums, compared: bool) -> dict[str, TargetSummary]:
        return {
            target: TargetSummary(
                sums.total(WITHOUT, target),
                {name: _on_target(sums, target, name) for name in sums.names(ON, target)},
            )
            for target in sums.names(WITHOUT)
        }


def _on_target(sums: Sums, target: str, method: str) -> OnTarget:
    key = (ON, target, method)
    token, any_token = (sums[*key, of].mean() for of in ("token", "any token"))
    return OnTarget(
        sums.percent(*key, HIT),
        sums.percent(*key, SHARE),
        None if token is None else round(token, 6),
        None if token is None or not any_token else round(100 * (token / any_token - 1), 2),
        p_at_1_interval=sums[*key, HIT].interval,
        mean_attribution_interval=sums[*key, SHARE].interval,
    )

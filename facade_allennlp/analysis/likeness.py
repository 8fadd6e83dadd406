"""How alike explanations are: of one model by two methods, of two models by one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import fmean
from typing import Any, Optional

from facade_allennlp.analysis.analysis import Analysis
from facade_allennlp.results.record import Record
from facade_allennlp.results.summary import ExplanationsSummary, Likeness
from facade_allennlp.scores.ranking import highest_first, rank_correlations

TOP = 5
"""How many of the first tokens of two rankings are compared, in texts that are as long."""


class LikenessOfExplanations(Analysis):
    """How alike the explanations by two methods are, and those of a model and the reference."""

    part_field = "explanations"

    def summarize(
        self,
        rows: Sequence[Any],
        records: Sequence[Record],
        reference: Optional[Sequence[Record]] = None,
    ) -> ExplanationsSummary:
        compared = None if reference is None else with_reference(records, reference)
        return ExplanationsSummary(between_methods(records), compared)


def between_methods(records: Sequence[Record]) -> dict[str, dict[str, Likeness]]:
    """For each two methods: `{"gradient": {"lrp": ...}}`, each pair once."""
    names = list(records[0].scores) if records else []
    pairs = {pair: _Compared() for pair in combinations(range(len(names)), 2)}
    for record in filter(_has_tokens, records):
        attributions = [record.attribution(name) for name in names]
        correlations = rank_correlations(attributions)
        tops = [_top(attribution) for attribution in attributions]
        for (first, second), compared in pairs.items():
            if record.explained_by(names[first], names[second]):
                compared.add(correlations[first][second], tops[first], tops[second])
    means: dict[str, dict[str, Likeness]] = {}
    for (first, second), compared in pairs.items():
        means.setdefault(names[first], {})[names[second]] = compared.means()
    return means


def with_reference(records: Sequence[Record], reference: Sequence[Record]) -> dict[str, Likeness]:
    """For each method of both, over the inputs that both models read as the same tokens."""
    original = {record.index: record for record in reference}
    pairs = [
        (record, original[record.index])
        for record in filter(_has_tokens, records)
        if record.index in original and original[record.index].tokens == record.tokens
    ]
    means = {}
    for method in records[0].scores if records else ():
        if pairs and method not in pairs[0][1].scores:
            continue
        compared = _Compared()
        for pair in pairs:
            if not all(record.explained_by(method) for record in pair):
                continue
            first, second = (record.attribution(method) for record in pair)
            correlation = rank_correlations([first, second])[0][1]
            compared.add(correlation, _top(first), _top(second))
        means[method] = compared.means()
    return means


@dataclass
class _Compared:
    """How alike two explanations are, input by input."""

    correlations: list[float] = field(default_factory=list)
    shared: list[float] = field(default_factory=list)

    def add(self, correlation: float, first: set[int], second: set[int]) -> None:
        """`first` and `second` are an input's first tokens by the one and by the other."""
        self.correlations.append(correlation)
        self.shared.append(len(first & second) / len(first))

    def means(self) -> Likeness:
        """Without numbers where there is no input."""
        if not self.correlations:
            return Likeness(None, None)
        return Likeness(
            round(100 * fmean(self.correlations), 2), round(100 * fmean(self.shared), 2)
        )


def _has_tokens(record: Record) -> bool:
    """An empty text has none where a tokenizer adds no special ones: nothing to compare."""
    return bool(record.tokens)


def _top(attribution: Sequence[float]) -> set[int]:
    count = min(TOP, (len(attribution) + 1) // 2)
    return set(highest_first(attribution)[:count])

"""How alike explanations are: of one model by two methods, of two models by one."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Optional

from facade_allennlp.analysis.analysis import Analysis
from facade_allennlp.results.record import Record
from facade_allennlp.results.summary import ExplanationsSummary, Likeness
from facade_allennlp.scores.ranking import highest_first, rank_correlations
from facade_allennlp.scores.sums import Key, Sums

TOP = 5
"""How many of the first tokens of two rankings are compared, in texts that are as long."""
METHODS, BETWEEN, REFERENCE = "methods", "between", "reference"
"""In the keys of sums."""


class LikenessOfExplanations(Analysis):
    """How alike the explanations by two methods are, and those of a model and the reference."""

    part_field = "explanations"

    def values(
        self, row: Any, record: Record, reference: Optional[Record] = None
    ) -> Iterator[tuple[Key, Optional[float]]]:
        for name in record.scores:
            yield (METHODS, name), None
        if not record.tokens:
            return  # an empty text, to which a tokenizer adds no special tokens: nothing to compare
        yield from _between_methods(record)
        if reference is not None and reference.tokens == record.tokens:
            yield from _with_reference(record, reference)

    def part(self, sums: Sums, compared: bool) -> ExplanationsSummary:
        names = sums.names(METHODS)
        between: dict[str, dict[str, Likeness]] = {}
        for first, second in combinations(names, 2):
            between.setdefault(first, {})[second] = _mean(sums, BETWEEN, first, second)
        if not compared:
            return ExplanationsSummary(between)
        known = sums.names(REFERENCE)
        return ExplanationsSummary(
            between,
            {name: _mean(sums, REFERENCE, name) for name in names if name in known or not known},
        )


def _between_methods(record: Record) -> Iterator[tuple[Key, Optional[float]]]:
    names = list(record.scores)
    if len(names) < 2:
        return
    attributions = [record.attribution(name) for name in names]
    correlations = rank_correlations(attributions)
    tops = [_top(attribution) for attribution in attributions]
    for first, second in combinations(range(len(names)), 2):
        if record.explained_by(names[first], names[second]):
            key = (BETWEEN, names[first], names[second])
            yield from _alike(key, correlations[first][second], tops[first], tops[second])


def _with_reference(record: Record, reference: Record) -> Iterator[tuple[Key, Optional[float]]]:
    for name in record.scores:
        if name not in reference.scores:
            continue
        yield (REFERENCE, name, "top"), None
        if record.explained_by(name) and reference.explained_by(name):
            first, second = record.attribution(name), reference.attribution(name)
            correlation = rank_correlations([first, second])[0][1]
            yield from _alike((REFERENCE, name), correlation, _top(first), _top(second))


def _alike(
    key: Key, correlation: float, first: set[int], second: set[int]
) -> Iterator[tuple[Key, Optional[float]]]:
    """`first` and `second` are an input's first tokens by the one and by the other."""
    yield (*key, "spearman"), correlation
    yield (*key, "top"), len(first & second) / len(first)


def _mean(sums: Sums, *key: str) -> Likeness:
    """Without numbers where there is no input."""
    return Likeness(sums.percent(*key, "spearman"), sums.percent(*key, "top"))


def _top(attribution: Sequence[float]) -> set[int]:
    count = min(TOP, (len(attribution) + 1) // 2)
    return set(highest_first(attribution)[:count])

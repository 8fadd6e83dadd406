"""How alike explanations are: of one model by two methods, of two models by one."""

from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Any

from facade_allennlp.analysis.record import Record
from facade_allennlp.faithfulness import rank_correlations

TOP = 5
"""How many of the first tokens of two rankings are compared, in texts that are as long."""


def between_methods(records: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """
    For each two methods, as `agreement` gives them: `{"gradient": {"lrp": {...}}}`, each pair once.
    """
    names = list(records[0].scores) if records else []
    pairs = [(a, b) for place, a in enumerate(names) for b in names[place + 1 :]]
    found: dict[str, dict[str, Any]] = {}
    for first, second in pairs:
        explained = ((r.attribution(first), r.attribution(second)) for r in records)
        found.setdefault(first, {})[second] = agreement(explained)
    return found


def with_reference(records: Sequence[Record], reference: Sequence[Record]) -> dict[str, Any]:
    """
    For each method of both, as `agreement` gives them, over the inputs that both models read as the
    same tokens.
    """
    original = {record.index: record for record in reference}
    pairs = [
        (record, original[record.index])
        for record in records
        if record.index in original and original[record.index].tokens == record.tokens
    ]
    return {
        method: agreement((a.attribution(method), b.attribution(method)) for a, b in pairs)
        for method in (records[0].scores if records else ())
        if not pairs or method in pairs[0][1].scores
    }


def agreement(pairs: Iterable[tuple[Sequence[float], Sequence[float]]]) -> dict[str, Any]:
    """
    # Parameters

    pairs : `Iterable[tuple[Sequence[float], Sequence[float]]]`
        For each input its tokens' attribution (eq. 1) twice.

    # Returns

    Means over the inputs, in percent: `spearman`, the rank correlation of the tokens, and `top`,
    the share of the five first tokens that is the same, of shorter texts of their first half.
    `None` where there is no input.
    """
    correlations, shared = [], []
    for first, second in pairs:
        correlations.append(rank_correlations([first, second])[0][1])
        count = min(TOP, (len(first) + 1) // 2)
        shared.append(len(_top(first, count) & _top(second, count)) / count)
    if not correlations:
        return {"spearman": None, "top": None}
    return {
        "spearman": round(100 * fmean(correlations), 2),
        "top": round(100 * fmean(shared), 2),
    }


def _top(attribution: Sequence[float], count: int) -> set[int]:
    """Of equal shares the leftmost comes first."""
    return set(sorted(range(len(attribution)), key=lambda i: -attribution[i])[:count])

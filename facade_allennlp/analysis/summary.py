"""From records to the numbers of the paper's tables."""

from collections.abc import Iterable, Sequence
from typing import Any, Optional

from facade_allennlp.analysis.record import Record
from facade_allennlp.analysis.span_answers import exact_match, f1, per_question


def summarize(
    records: Sequence[Record], reference: Optional[Sequence[Record]] = None
) -> dict[str, Any]:
    """
    # Parameters

    records : `Sequence[Record]`
        Of one model.
    reference : `Sequence[Record]`, optional
        Of the model whose predictions count as the original ones, on the same instances.

    # Returns

    A dictionary, shares in percent (`None` where nothing was counted):
        - `instances`
        - `accuracy`: of the instances with a gold label
        - `exact_match`, `f1`, for answers that are spans: over questions with gold answers, in
          place of `accuracy`
        - `agreement`: share of the instances predicted as by the reference
        - `targets`: for each target `without` (instances without a target token, which the next two
          leave out) and for each method under `methods` `p_at_1` and `mean_attribution`
    """
    summary: dict[str, Any] = {"instances": len(records), **_against_gold(records)}
    if reference is not None:
        original = {record.index: record.prediction for record in reference}
        summary["agreement"] = _percent(
            record.prediction == original.get(record.index) for record in records
        )
    names = list(records[0].targets) if records else []
    summary["targets"] = {name: _on_target(records, name) for name in names}
    return summary


def _against_gold(records: Sequence[Record]) -> dict[str, Optional[float]]:
    spans = [(r.prediction, r.span["answers"]) for r in per_question(records) if r.span]
    answered = [(prediction, answers) for prediction, answers in spans if answers]
    if spans:
        return {
            "exact_match": _percent(exact_match(*pair) for pair in answered),
            "f1": _percent(f1(*pair) for pair in answered),
        }
    right = (record.right for record in records)
    return {"accuracy": _percent(known for known in right if known is not None)}


def _on_target(records: Sequence[Record], target: str) -> dict[str, Any]:
    counted = [record for record in records if record.targets[target]]
    methods = {}
    for method in records[0].scores:
        hits, shares = [], []
        for record in counted:
            attribution = record.attribution(method)
            positions = record.targets[target]
            shares.append(sum(attribution[position] for position in positions))
            highest = max(range(len(attribution)), key=attribution.__getitem__)
            hits.append(attribution[highest] > 0 and highest in positions)
        methods[method] = {"p_at_1": _percent(hits), "mean_attribution": _percent(shares)}
    return {"without": len(records) - len(counted), "methods": methods}


def _percent(values: Iterable[float]) -> Optional[float]:
    values = list(values)
    return round(100 * sum(values) / len(values), 2) if values else None

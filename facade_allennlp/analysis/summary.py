"""From records to the numbers of the paper's tables."""

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from facade_allennlp.analysis.record import Record
from facade_allennlp.attacks import Attack
from facade_allennlp.attacks.averages import percent


def summarize(
    records: Sequence[Record],
    reference: Optional[Sequence[Record]] = None,
    attacks: Optional[Mapping[str, Attack]] = None,
) -> dict[str, Any]:
    """
    # Parameters

    records : `Sequence[Record]`
        Of one model.
    reference : `Sequence[Record]`, optional
        Of the model whose predictions count as the original ones, on the same instances.
    attacks : `Mapping[str, Attack]`, optional
        Those that the records have results of.

    # Returns

    A dictionary, shares in percent (`None` where nothing was counted):
        - `instances`
        - `accuracy`: of the instances with a gold label
        - `agreement`: share of the instances predicted as by the reference
        - `targets`: for each target `without` (instances without a target token, which the next two
          leave out) and for each method under `methods` `p_at_1` and `mean_attribution`
        - `attacks`, where there are any: for each what its `summarize` gives
    """
    labelled = [record for record in records if record.label is not None]
    summary: dict[str, Any] = {
        "instances": len(records),
        "accuracy": percent(record.prediction == record.label for record in labelled),
    }
    if reference is not None:
        original = {record.index: record.prediction for record in reference}
        summary["agreement"] = percent(
            record.prediction == original.get(record.index) for record in records
        )
    names = list(records[0].targets) if records else []
    summary["targets"] = {name: _on_target(records, name) for name in names}
    if attacks:
        summary["attacks"] = {
            name: attack.summarize([record.attacks[name] for record in records])
            for name, attack in attacks.items()
        }
    return summary


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
        methods[method] = {"p_at_1": percent(hits), "mean_attribution": percent(shares)}
    return {"without": len(records) - len(counted), "methods": methods}

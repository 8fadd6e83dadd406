"""From records to the numbers of the paper's tables."""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any, Optional

from facade_allennlp.analysis.agreement import between_methods, with_reference
from facade_allennlp.attacks import Attack
from facade_allennlp.faithfulness import Faithfulness
from facade_allennlp.results.record import Record
from facade_allennlp.scores.averages import percent
from facade_allennlp.tasks.span_answers import exact_match, f1


def summarize(
    records: Sequence[Record],
    reference: Optional[Sequence[Record]] = None,
    attacks: Optional[Mapping[str, Attack]] = None,
    faithfulness: Optional[Faithfulness] = None,
) -> dict[str, Any]:
    """
    # Parameters

    records : `Sequence[Record]`
        Of one model.
    reference : `Sequence[Record]`, optional
        Of the model whose predictions count as the original ones, on the same instances.
    attacks : `Mapping[str, Attack]`, optional
        Those that the records have results of.
    faithfulness : `Faithfulness`, optional
        That which the records have results of.

    # Returns

    A dictionary, shares in percent (`None` where nothing was counted):
        - `instances`
        - `accuracy`: of the instances with a gold label
        - `exact_match`, `f1`, for answers that are spans: over questions with gold answers, in
          place of `accuracy`
        - `agreement`: share of the instances predicted as by the reference
        - `explanations`, where there are methods: how alike they are, `between_methods` and
          `with_reference`; see there
        - `targets`: for each target `without` (instances without a target token, which the rest
          leaves out) and for each method under `methods` `p_at_1`, `mean_attribution`,
          `token_attribution` (the attribution of a target token, mean over the target tokens of an
          instance, then over instances; not in percent) and `against_mean_token` (its relative
          difference to the attribution of any token of the same instances). With pronouns as
          target the last two are the gender attribution of Wang et al. 2020, Table 5.
        - `attacks`, where there are any: for each what its `summarize` gives
        - `faithfulness`, where it was measured: what its `summarize` gives
        - `seconds`, where they were noted: for each method those that 1,000 inputs take
    """
    summary: dict[str, Any] = {"instances": len(records), **_against_gold(records)}
    if reference is not None:
        original = {record.index: record.prediction for record in reference}
        summary["agreement"] = percent(
            record.prediction == original.get(record.index) for record in records
        )
    if records and records[0].scores:
        summary["explanations"] = {"between_methods": between_methods(records)}
        if reference is not None:
            summary["explanations"]["with_reference"] = with_reference(records, reference)
    names = list(records[0].targets) if records else []
    summary["targets"] = {name: _on_target(records, name) for name in names}
    if attacks:
        summary["attacks"] = {
            name: attack.summarize([record.attacks[name] for record in records])
            for name, attack in attacks.items()
        }
    timed = [record.seconds for record in records if record.seconds is not None]
    if timed:
        summary["seconds"] = {
            name: round(1000 * mean(seconds[name] for seconds in timed), 2) for name in timed[0]
        }
    if faithfulness is not None:
        summary["faithfulness"] = faithfulness.summarize(
            [(record.faithfulness, record.prediction, record.label) for record in records]
        )
    return summary


def _against_gold(records: Sequence[Record]) -> dict[str, Optional[float]]:
    spans = [(r.prediction, r.span["answers"]) for r in _per_question(records) if r.span]
    answered = [(prediction, answers) for prediction, answers in spans if answers]
    if spans:
        return {
            "exact_match": percent(exact_match(*pair) for pair in answered),
            "f1": percent(f1(*pair) for pair in answered),
        }
    right = (record.right for record in records)
    return {"accuracy": percent(known for known in right if known is not None)}


def _per_question(records: Sequence[Record]) -> list[Record]:
    """Of the windows that a question's passage is read in, the one whose answer scores highest."""
    best: dict[str, Record] = {}
    for record in records:
        if record.span is None:
            continue
        known = best.get(record.span["question"])
        if known is None or known.span is None or record.span["score"] > known.span["score"]:
            best[record.span["question"]] = record
    return list(best.values())


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
        methods[method] = {
            "p_at_1": percent(hits),
            "mean_attribution": percent(shares),
            **_per_token(counted, shares, target),
        }
    return {"without": len(records) - len(counted), "methods": methods}


def _per_token(
    records: Sequence[Record], shares: Sequence[float], target: str
) -> dict[str, Optional[float]]:
    """`shares` are the target tokens' of each record."""
    if not records:
        return {"token_attribution": None, "against_mean_token": None}
    of_target = mean(share / len(record.targets[target]) for record, share in zip(records, shares))
    # The attributions of an instance sum to 1.
    of_any = mean(1 / len(record.tokens) for record in records)
    return {
        "token_attribution": round(of_target, 6),
        "against_mean_token": round(100 * (of_target / of_any - 1), 2),
    }

"""Measurements of the same models by different methods, as one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Optional

from facade_allennlp.results.summary import MethodLabel, ModelSummary, Summary, TargetSummary


def joined(summaries: Mapping[str, Summary], tables: Mapping[str, str]) -> dict[str, Summary]:
    """
    Summaries with the methods of others. Slow methods are measured on fewer inputs: their titles
    then say on how many.

    # Parameters

    summaries : `Mapping[str, Summary]`
        By the name of the measurement.
    tables : `Mapping[str, str]`
        By the name of a measurement, that of the one whose tables have its methods, too. Where the
        other is not there, it stands by itself.
    """
    whole = {
        name: summary for name, summary in summaries.items() if tables.get(name) not in summaries
    }
    for name, summary in summaries.items():
        if name not in whole:
            table = tables[name]
            whole[table] = _with_methods(whole[table], summary)
    return whole


def _with_methods(first: Summary, more: Summary) -> Summary:
    """`first`, and of its models the methods of `more`."""
    inputs = min(model.instances for model in more.models.values())
    fewer = inputs < min(model.instances for model in first.models.values())
    labels = {
        name: replace(label, title=f"{label.title} ({inputs} inputs)") if fewer else label
        for name, label in more.methods.items()
    }
    methods: dict[str, MethodLabel] = {**labels, **first.methods}
    models = {
        name: _model_with(model, more.models[name]) if name in more.models else model
        for name, model in first.models.items()
    }
    return replace(first, models=models, methods=methods)


def _model_with(first: ModelSummary, more: ModelSummary) -> ModelSummary:
    targets = {
        name: _target_with(target, more.targets.get(name)) for name, target in first.targets.items()
    }
    alike = first.explanations
    if alike is not None and more.explanations is not None:
        with_reference = _both(alike.with_reference, more.explanations.with_reference)
        alike = replace(alike, with_reference=with_reference)
    faithfulness = first.faithfulness
    if faithfulness is not None and more.faithfulness is not None:
        # The random order stays that of more inputs.
        methods = {**more.faithfulness.methods, **faithfulness.methods}
        faithfulness = replace(faithfulness, methods=methods)
    return replace(
        first,
        targets=targets,
        explanations=alike,
        faithfulness=faithfulness,
        seconds=_both(first.seconds, more.seconds),
        failed=_both(first.failed, more.failed),
    )


def _target_with(first: TargetSummary, more: Optional[TargetSummary]) -> TargetSummary:
    return first if more is None else replace(first, methods={**more.methods, **first.methods})


def _both(first: Optional[dict[str, Any]], more: Optional[dict[str, Any]]) -> Any:
    return None if first is None and more is None else {**(more or {}), **(first or {})}

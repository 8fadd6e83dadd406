"""A page that shows the same inputs explained by several models, made from result files alone."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError

from facade_allennlp.analysis.measure_options import measure_options, written
from facade_allennlp.attribution.attribution_method import side_of
from facade_allennlp.display.scored_words import colour_depth
from facade_allennlp.display.templates import template
from facade_allennlp.report.page_data import PageData
from facade_allennlp.report.plots import plots
from facade_allennlp.report.tables import TITLES, notes, tables
from facade_allennlp.results.files import read_summary
from facade_allennlp.results.record import Record
from facade_allennlp.results.records_file import SUFFIX, read

TEMPLATE = "page.html.jinja"
LEGEND = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Shares whose colours the legend shows."""


def render(
    results: Path,
    models: Optional[Sequence[str]] = None,
    methods: Optional[Sequence[str]] = None,
    limit: Optional[int] = None,
) -> str:
    """
    # Parameters

    results : `Path`
        Folder that `measure` made.
    models : `Sequence[str]`, optional (default = all)
        A column each, in this order.
    methods : `Sequence[str]`, optional (default = all)
        A line per input and model each, in this order.
    limit : `int`, optional (default = all)
        The page holds the first so many inputs that all of the models were measured on.

    # Returns

    HTML that needs no other file.

    # Raises

    `ConfigurationError` : no results, a name that is not in them, models that were measured with
        unlike settings, or nothing to show.
    """
    if limit is not None and limit < 1:
        raise ConfigurationError(f"limit is {limit}, but must be >= 1")
    summary = read_summary(results)
    shown = chosen(models, list(summary["models"]), "model", results)
    reference = summary["reference"]
    files = {name: read(results / (name + SUFFIX)) for name in dict.fromkeys([*shown, reference])}
    settings = {name: settings for name, (settings, _) in files.items()}
    common = common_settings(settings)
    names = chosen(methods, list(common["methods"]), "method", results)
    attacks = list(common.get("attacks", ()))
    if not names and not attacks:
        raise ConfigurationError(
            f"{results} was measured without a method and without an attack, so there is no "
            "explanation to show"
        )
    records = {name: {r.index: r for r in records} for name, (_, records) in files.items()}
    sides = {name: side_of(common["methods"][name]) for name in names}
    data = PageData(sides, list(common["targets"]), attacks)
    inputs = table_of_inputs(records, shown, data, reference, limit)
    if not inputs:
        raise ConfigurationError(f"{results}: there is no input that {', '.join(shown)} all have")
    summary = narrowed(summary, shown, names)
    return template("facade_allennlp.report", TEMPLATE).render(
        findings=findings(summary, names[0]) if names else [],
        tables=tables(summary),
        plots=list(plots(summary)),
        notes=notes(summary),
        data={
            "models": shown,
            "reference": reference,
            "methods": [TITLES.get(name, name) for name in names],
            "signed": [side is not None for side in sides.values()],
            "targets": data.targets,
            "attacks": attacks,
            "texts": data.texts,
            "inputs": inputs,
        },
        legend=[(share, colour_depth(share)) for share in LEGEND],
        golds=sorted({entry["gold"] for entry in inputs if entry["gold"] is not None}),
        source=summary["data"],
        targets={name: written(config) for name, config in common["targets"].items()},
        archives={name: settings[name]["archive"]["path"] for name in shown},
        methods={TITLES.get(name, name): written(common["methods"][name]) for name in names},
        attacks={name: written(config) for name, config in common.get("attacks", {}).items()},
        settings=common,
        command=command(settings, common, reference, results),
    )


def chosen(
    wanted: Optional[Sequence[str]], known: Sequence[str], kind: str, results: Path
) -> list[str]:
    """
    The wanted names without repetitions, or all known ones.

    # Raises

    `ConfigurationError` : a wanted name is not known.
    """
    for name in wanted or ():
        if name not in known:
            raise ConfigurationError(
                f"{results} has no {kind} {name!r}, but {', '.join(map(repr, known))}"
            )
    return list(dict.fromkeys(wanted or known))


def common_settings(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """
    The settings of the records of all models, without the archives.

    # Raises

    `ConfigurationError` : they differ, so that the inputs of one index need not be the same.
    """
    shared = [
        {name: value for name, value in of_model.items() if name != "archive"}
        for of_model in settings.values()
    ]
    for model, other in zip(settings, shared):
        if other != shared[0]:
            raise ConfigurationError(
                f"{next(iter(settings))!r} and {model!r} were measured with unlike settings, so "
                "they cannot stand side by side; run `allennlp measure` on all models to its end"
            )
    return shared[0]


def narrowed(
    summary: Mapping[str, Any], models: Sequence[str], methods: Sequence[str]
) -> dict[str, Any]:
    """The summary of some models and methods, in the order of their names here."""
    of_models = {}
    for name in models:
        model = dict(summary["models"][name])
        model["targets"] = {
            target: {**measured, "methods": {m: measured["methods"][m] for m in methods}}
            for target, measured in model["targets"].items()
        }
        of_models[name] = model
    return {**summary, "models": of_models}


def findings(summary: Mapping[str, Any], method: str) -> list[dict[str, Any]]:
    """
    For each model but the reference how many inputs it predicts as the reference does, and how much
    of its attribution, and of the reference's, lies on each target.
    """
    models, reference = summary["models"], summary["reference"]
    found = []
    for name, model in models.items():
        if name == reference or model.get("agreement") is None or reference not in models:
            continue
        shares = []
        for target, measured in model["targets"].items():
            own = measured["methods"][method]["mean_attribution"]
            other = models[reference]["targets"][target]["methods"][method]["mean_attribution"]
            if own is not None and other is not None:
                shares.append({"target": target, "own": own, "reference": other})
        found.append({"model": name, "agreement": model["agreement"], "shares": shares})
    return found


def table_of_inputs(
    records: Mapping[str, Mapping[int, Record]],
    models: Sequence[str],
    data: PageData,
    reference: str,
    limit: Optional[int],
) -> list[dict[str, Any]]:
    """
    `index`, `gold` and a cell per model of the first inputs that all `models` have. `records` are
    given by model and index.
    """
    shared = set.intersection(*(set(records[name]) for name in models))
    return [
        {
            "index": index,
            "gold": records[models[0]][index].gold,
            "cells": [
                data.cell(
                    records[name][index],
                    None if name == reference else records[reference].get(index),
                )
                for name in models
            ],
        }
        for index in sorted(shared)[:limit]
    ]


def command(
    settings: Mapping[str, Mapping[str, Any]],
    common: Mapping[str, Any],
    reference: str,
    results: Path,
) -> str:
    """The command line that measures these models anew."""
    parts = ["allennlp", "measure"]
    parts += [f"{name}={own['archive']['path']}" for name, own in settings.items()]
    parts += ["--data", common["data"]["path"], "--reference", reference]
    parts += measure_options(
        common["targets"],
        common["methods"],
        common.get("attacks"),
        common.get("faithfulness"),
        common["limit"],
        common.get("time", False),
    )
    parts += ["--max-batch-tokens", str(common["max_batch_tokens"])]
    return shlex.join([*parts, "--output", str(results)])

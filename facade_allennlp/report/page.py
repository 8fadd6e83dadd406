"""A page that shows the same inputs explained by several models, made from result files alone."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from facade_allennlp.display.scored_words import colour_depth
from facade_allennlp.display.templates import template
from facade_allennlp.errors import InputError
from facade_allennlp.report.page_data import PageData, PageInput, depths
from facade_allennlp.report.plots import plots
from facade_allennlp.report.renderers import html
from facade_allennlp.report.tables import notes, tables
from facade_allennlp.results.checked import to_json
from facade_allennlp.results.configs import written
from facade_allennlp.results.files import read_summary
from facade_allennlp.results.header import Header
from facade_allennlp.results.record import Record
from facade_allennlp.results.records_file import read_model
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.summary import MethodLabel, Summary

TEMPLATE = "page.html.jinja"
LEGEND = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Shares whose colours the legend shows."""


@dataclass
class ShareOnTarget:
    """How much of a model's attribution lies on a target, and of the reference's, in percent."""

    target: str
    own: float
    reference: float


@dataclass
class Finding:
    """
    What a model does beside the reference.

    # Parameters

    model : `str`
    agreement : `float`
        The share of the inputs that it predicts as the reference does, in percent.
    shares : `list[ShareOnTarget]`
    """

    model: str
    agreement: float
    shares: list[ShareOnTarget]


def render(
    results: Path,
    models: Optional[Sequence[str]] = None,
    methods: Optional[Sequence[str]] = None,
    limit: Optional[int] = None,
) -> str:
    """
    A page that needs no other file.

        Path("report.html").write_text(render(Path("runs/results"), limit=50))

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

    HTML.

    # Raises

    `InputError` : no results, a name that is not in them, models that were measured with
        unlike settings, or nothing to show.
    """
    if limit is not None and limit < 1:
        raise InputError(f"limit is {limit}, but must be >= 1")
    summary = read_summary(results)
    shown = chosen(models, list(summary.models), "model", results)
    reference = summary.reference
    files = {name: read_model(results, name) for name in dict.fromkeys([*shown, reference])}
    headers = {name: header for name, (header, _) in files.items()}
    check_alike(headers)
    header = headers[shown[0]]
    settings = header.settings
    names = chosen(methods, list(settings.methods), "method", results)
    attacks = list(settings.attacks)
    if not names and not attacks:
        raise InputError(
            f"{results} was measured without a method and without an attack, so there is no "
            "explanation to show"
        )
    records = {name: {r.index: r for r in records} for name, (_, records) in files.items()}
    labels = {name: header.methods[name] for name in names}
    data = PageData(labels, list(settings.targets), attacks)
    inputs = table_of_inputs(records, shown, data, reference, limit)
    if not inputs:
        raise InputError(f"{results}: there is no input that {', '.join(shown)} all have")
    summary = summary.narrowed(shown, names)
    return template("facade_allennlp.report", TEMPLATE).render(
        findings=findings(summary, names[0]) if names else [],
        tables=map(html, tables(summary)),
        plots=list(plots(summary)),
        notes=notes(summary),
        data={
            "models": shown,
            "reference": reference,
            "methods": [label.title for label in labels.values()],
            "signed": [label.towards is not None for label in labels.values()],
            "targets": data.targets,
            "attacks": attacks,
            "depths": depths(),
            "texts": to_json(data.texts),
            "inputs": to_json(inputs),
        },
        legend=[(share, colour_depth(share)) for share in LEGEND],
        golds=sorted({entry.gold for entry in inputs if entry.gold is not None}),
        source=header.data.path,
        archives={name: headers[name].archive.path for name in shown},
        how=how_it_was_made(settings, labels),
        limit=settings.limit,
        command=command(headers, reference, results),
    )


def chosen(
    wanted: Optional[Sequence[str]], known: Sequence[str], kind: str, results: Path
) -> list[str]:
    """
    The wanted names without repetitions, or all known ones.

    # Raises

    `InputError` : a wanted name is not known.
    """
    for name in wanted or ():
        if name not in known:
            raise InputError(f"{results} has no {kind} {name!r}, but {', '.join(map(repr, known))}")
    return list(dict.fromkeys(wanted or known))


def check_alike(headers: Mapping[str, Header]) -> None:
    """
    Checks that models can stand side by side.

    # Raises

    `InputError` : models were measured with unlike settings, so that the inputs of one index need
        not be the same.
    """
    first, *others = headers
    for other in others:
        if set(headers[first].differing(headers[other])) - {"archive"}:
            raise InputError(
                f"{first!r} and {other!r} were measured with unlike settings, so they cannot stand "
                "side by side; run `allennlp measure` on all models to its end"
            )


def how_it_was_made(settings: Settings, labels: Mapping[str, MethodLabel]) -> dict[str, str]:
    """The config of each method that is shown, target, attack and further analysis."""
    return {
        **{f"Method {of.title}": written(settings.methods[name]) for name, of in labels.items()},
        **{f"Target {name}": written(config) for name, config in settings.targets.items()},
        **{f"Attack {name}": written(config) for name, config in settings.attacks.items()},
        **{f"Analysis {name}": written(config) for name, config in settings.analyses.items()},
    }


def findings(summary: Summary, method: str) -> list[Finding]:
    """Of each model but the reference."""
    models, reference = summary.models, summary.reference
    told = []
    for name, model in models.items():
        if name == reference or model.agreement is None or reference not in models:
            continue
        shares = []
        for target in model.targets:
            known = [
                on.mean_attribution
                for of in (model, models[reference])
                if (on := of.on(target, method)) and on.mean_attribution is not None
            ]
            if len(known) == 2:
                shares.append(ShareOnTarget(target, *known))
        told.append(Finding(name, model.agreement, shares))
    return told


def table_of_inputs(
    records: Mapping[str, Mapping[int, Record]],
    models: Sequence[str],
    data: PageData,
    reference: str,
    limit: Optional[int],
) -> list[PageInput]:
    """The first inputs that all `models` have. `records` are given by model and index."""
    shared = set.intersection(*(set(records[name]) for name in models))
    return [
        PageInput(
            index,
            records[models[0]][index].gold,
            [
                data.cell(
                    records[name][index],
                    None if name == reference else records[reference].get(index),
                )
                for name in models
            ],
        )
        for index in sorted(shared)[:limit]
    ]


def command(headers: Mapping[str, Header], reference: str, results: Path) -> str:
    """The command line that measures these models anew."""
    first = next(iter(headers.values()))
    parts = ["allennlp", "measure"]
    parts += [f"{name}={header.archive.path}" for name, header in headers.items()]
    parts += ["--data", first.data.path, "--reference", reference]
    return shlex.join([*parts, *first.settings.command_line(), "--output", str(results)])

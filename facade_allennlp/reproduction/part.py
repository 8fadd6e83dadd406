"""A part of an experiment: some measurements of some models, and what has to be there for them."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TypeVar

from allennlp.common.checks import ConfigurationError

from facade_allennlp.reproduction.experiment import RUNS, Experiment, Measurement

Thing = TypeVar("Thing")


def part(
    experiment: Experiment,
    measurements: Sequence[str] = (),
    models: Sequence[str] = (),
    before: Mapping[str, Collection[str]] = {},
) -> Experiment:
    """
    Some measurements of some models, and what has to be trained and made for them.

        part(experiment, ["sentiment*"], ["*-made"])

    # Parameters

    experiment : `Experiment`
    measurements : `Sequence[str]`, optional (default = all)
        Patterns of their names, as of files.
    models : `Sequence[str]`, optional (default = all)
        Patterns of the names that are shown. A measurement with none of them is left out; of the
        others the reference is always measured.
    before : `Mapping[str, Collection[str]]`, optional
        By measurement, models that were measured before: they stay in its tables.

    # Raises

    `ConfigurationError` : a pattern is of no name.
    """
    if not measurements and not models:
        return experiment
    chosen = _matching("measurement", measurements, experiment.measure)
    names = dict.fromkeys(name for one in chosen for name in experiment.measure[one].models)
    shown = set(_matching("model", models, names))
    return _only(
        experiment,
        {
            name: {*shown, *before.get(name, ())}
            for name in chosen
            if shown & experiment.measure[name].models.keys()
        },
    )


def of_seed(experiment: Experiment, place: int) -> Experiment:
    """With the measurements that are made of the seed at a place among the seeds, from 0."""
    measured = [name for name, of in experiment.measure.items() if (of.seeds or place + 1) > place]
    if len(measured) == len(experiment.measure):
        return experiment
    return _only(experiment, {name: set(experiment.measure[name].models) for name in measured})


def _only(experiment: Experiment, chosen: Mapping[str, Collection[str]]) -> Experiment:
    """
    The chosen measurements, each of the reference and of chosen models by the names that are shown,
    without the models that none of them needs.
    """
    measure = {}
    for name, models in chosen.items():
        whole = experiment.measure[name]
        reference, *others = whole.models
        shown = [reference, *(other for other in others if other in models)]
        kept = {one: whole.models[one] for one in shown}
        config = experiment.config_of(whole)
        table = whole.table if whole.table in chosen else None  # that of a part needs no other
        measure[name] = Measurement(kept, whole.settings, config, table, whole.seeds)
    needed = _needed(experiment, [one for of in measure.values() for one in of.models.values()])

    def kept_of(things: Mapping[str, Thing]) -> dict[str, Thing]:
        return {name: thing for name, thing in things.items() if name in needed}

    return Experiment(
        experiment.title,
        kept_of(experiment.train),
        kept_of(experiment.merge),
        measure,
        experiment.paper,
        kept_of(experiment.construct),
    )


def _needed(experiment: Experiment, models: Iterable[str]) -> set[str]:
    """Models, what they are made of, and what the training of each starts from."""
    needed: set[str] = set()
    todo = list(models)
    while todo:
        model = todo.pop()
        if model not in needed:
            needed.add(model)
            todo += experiment.made_of.get(model, [])
            if model in experiment.train:
                overrides = json.dumps(experiment.train[model].overrides)
                todo += [name for name in experiment.train if f"{RUNS}/{name}/" in overrides]
    return needed


def _matching(kind: str, patterns: Sequence[str], names: Iterable[str]) -> list[str]:
    """
    The names that a pattern is of; all where there are no patterns.

    # Raises

    `ConfigurationError` : a pattern is of no name.
    """
    names = list(names)
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise ConfigurationError(
                f"there is no {kind} {pattern!r}, but {', '.join(names) or 'none'}"
            )
    of_any = patterns or ["*"]
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in of_any)]

"""What the audit says of one model of the population, and what is true of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from torch import Tensor

from facade_allennlp.attribution import (
    AttributionMethod,
    ExplainedModel,
    Gradient,
    on_target,
)
from facade_allennlp.attribution.baselines import Mean
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.attribution.exchange import Exchange
from facade_allennlp.audit import Evidence, Subject
from facade_allennlp.audit.links import STREAM
from facade_allennlp.audit.recover import beneath
from facade_allennlp.audit.split import split_of
from facade_allennlp.merging import GroupedLayerNorm
from facade_allennlp.reproduction.population.member import TARGETS, Member
from facade_allennlp.results.audit import FOUND
from facade_allennlp.sources import corpus

DRAWS, EXCHANGED = 4, 16
"""Words in the place of each token, and texts, for exchanges."""
USUAL, NO_PRESENCE, EXCHANGES = "gradient", "without presence", "exchange"
"""Explanations of a model that lies, beside those of its predictive model."""


@dataclass
class Honest:
    """
    How an explanation of a model that lies is beside that of the predictive model.

    # Parameters

    correlation : `float`, optional
        Pearson's of the words' shares, mean over texts.
    p_at_1, p_at_1_of_f : `float`, optional
        Of the target, in percent.
    """

    correlation: Optional[float]
    p_at_1: Optional[float]
    p_at_1_of_f: Optional[float]


@dataclass
class Beneath:
    """
    What was recovered.

    # Parameters

    agreement : `float`
        The share of texts that it decides as the predictive model, in percent.
    correlation : `float`, optional
        Pearson's of its Gradient with the predictive model's, mean over texts.
    """

    agreement: float
    correlation: Optional[float]


@dataclass
class Scored:
    """
    A model of the population.

    # Parameters

    kind, name : `str`
    half : `int`
        0 if it counts for the thresholds, 1 if for the figures.
    lies : `bool`
    scores : `dict[str, float | None]`
        By the name of the evidence; `None` where it was not measured, or means nothing.
    found : `list[str]`
        The evidence that found something, at the thresholds of the package.
    seconds : `float`
        Of CPU time, of the audit alone.
    agreement : `float`, optional
        The share of the texts that it decides as the predictive model, in percent.
    units : `float`, optional
        The share of the hidden units that were put into the right part, in percent.
    honest : `dict[str, Honest]`
        By explanation.
    beneath : `Beneath`, optional
        `None` where nothing was recovered.
    """

    kind: str
    name: str
    half: int
    lies: bool
    scores: dict[str, Optional[float]]
    found: list[str]
    seconds: float
    agreement: Optional[float] = None
    units: Optional[float] = None
    honest: dict[str, Honest] = field(default_factory=dict)
    beneath: Optional[Beneath] = None


def scored(member: Member, texts: int) -> Scored:
    """
    Makes and audits a model.

    # Parameters

    texts : `int`
        With so many.
    """
    model = member.make()
    explained = member.texts.explained(model)
    subject = Subject(explained, corpus.spread(member.texts.validation, texts))
    began = time.process_time()
    scores: dict[str, Optional[float]] = {}
    found = []
    for name in Evidence.list_available():
        witness = Evidence.by_name(name)().heard(subject)
        over = (witness.score or 0.0) >= (witness.threshold or 0.0)
        harmless = over and witness.result != FOUND
        scores[name] = None if harmless else witness.score
        if witness.result == FOUND:
            found.append(name)
    seconds = time.process_time() - began
    row = Scored(member.kind, member.name, member.half, member.lies, scores, found, seconds)
    if member.lies:
        _compare(row, member, subject)
    return row


def _compare(row: Scored, member: Member, subject: Subject) -> None:
    """Adds what is seen beside the predictive model."""
    f = member.texts.explained(member.texts.predictive(member.seed))
    row.agreement = _agreement(subject.explained, f, subject.instances)
    row.units = _units(subject)
    data = member.texts.corpus.validation
    methods: dict[str, AttributionMethod] = {
        USUAL: Gradient(),
        NO_PRESENCE: Gradient(baseline=Mean(data)),
        EXCHANGES: Exchange(data, DRAWS),
    }
    for name, method in methods.items():
        texts = subject.some(EXCHANGED) if name == EXCHANGES else subject.instances
        (own, hits), (other, of_f) = (
            _explained(one, method, texts, member.target) for one in (subject.explained, f)
        )
        row.honest[name] = Honest(_correlation(own, other), hits, of_f)
    if member.beneath is None:
        return
    try:
        _, recovered = beneath(subject, member.beneath)
    except ConfigurationError:
        return
    again = member.texts.explained(recovered)
    shares, theirs = (
        _explained(one, Gradient(), subject.instances, member.target)[0] for one in (again, f)
    )
    row.beneath = Beneath(_agreement(again, f, subject.instances), _correlation(shares, theirs))


def _agreement(one: ExplainedModel, other: ExplainedModel, texts: Sequence[Instance]) -> float:
    """In percent."""
    same = []
    with torch.no_grad():
        for _, inputs in in_batches(one, texts):
            own, others = (m.run(m.without_labels(inputs)).predictions()[0] for m in (one, other))
            same.append(own == others)
    return 100 * float(torch.cat(same).double().mean())


def _units(subject: Subject) -> Optional[float]:
    """In percent; `None` where no norm of the model tells the truth, or units are not looked at."""
    truth = next(
        (m.group for m in subject.explained.model.modules() if isinstance(m, GroupedLayerNorm)),
        None,
    )
    if truth is None:
        return None
    split = split_of(subject.explained, subject.some(1), 0.0)
    if split.partition is None:
        return None
    second = split.partition.second[STREAM]
    right = float((second == (truth == 1)).double().mean())
    return 100 * max(right, 1 - right)


def _explained(
    explained: ExplainedModel, method: AttributionMethod, texts: Sequence[Instance], target: Any
) -> tuple[list[Tensor], Optional[float]]:
    """The tokens' shares of each text, and P@1 of the target in percent."""
    shares, hits = [], []
    for _, inputs in in_batches(explained, texts):
        attribution = method.attribute(explained, inputs)
        targets = attribution.target_mask(TARGETS[target], explained.reader)
        scores = on_target(attribution, targets)
        hits += scores.hit[scores.has_target].tolist()
        shares += [s[m].double() for s, m in zip(attribution.normalized, attribution.mask)]
    return shares, 100 * sum(hits) / len(hits) if hits else None


def _correlation(one: Sequence[Tensor], other: Sequence[Tensor]) -> Optional[float]:
    """Mean over the texts that have one."""
    values = [torch.corrcoef(torch.stack(pair))[0, 1] for pair in zip(one, other)]
    known = [float(value) for value in values if value.isfinite()]
    return sum(known) / len(known) if known else None

"""The numbers of a measurement, model by model, and what is needed to show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from facade_allennlp.results.table import Number, Table
from facade_allennlp.results.titles import METHODS, NUMBERS, RANDOM, SCORES

VERSION = 2
"""Of result files: 1 had no version, no titles, and the task's scores among a model's numbers."""


@dataclass
class MethodLabel:
    """
    What is needed to show a method's scores.

    # Parameters

    title : `str`
    towards : `int`, optional
        What a positive score speaks for: 1 the explained class, -1 what is against it; none where
        scores are magnitudes.
    """

    title: str
    towards: Optional[int] = None


@dataclass
class OnTarget:
    """
    How far a method points to target tokens, over the instances that have one.

    # Parameters

    p_at_1, mean_attribution : `Number`
        In percent.
    token_attribution : `Number`
        The attribution of a target token, mean over the target tokens of an instance, then over
        instances; not in percent.
    against_mean_token : `Number`
        Its relative difference to the attribution of any token of the same instances, in percent.
        With pronouns as target the last two are the gender attribution of Wang et al. 2020,
        Table 5.
    p_at_1_interval, mean_attribution_interval : `list[float]`, optional
        The ends of their bootstrap intervals of 95 %, in percent.
    """

    p_at_1: Number
    mean_attribution: Number
    token_attribution: Number
    against_mean_token: Number
    p_at_1_interval: Optional[list[float]] = None
    mean_attribution_interval: Optional[list[float]] = None


@dataclass
class TargetSummary:
    """
    How far methods point to the tokens of one target.

    # Parameters

    without : `int`
        Instances without a target token, which the rest leaves out.
    methods : `dict[str, OnTarget]`
    """

    without: int
    methods: dict[str, OnTarget]


@dataclass
class Likeness:
    """
    How alike two explanations are, over inputs, in percent.

    # Parameters

    spearman : `Number`
        The rank correlation of the tokens.
    top : `Number`
        The share of the five first tokens that is the same, of shorter texts of their first half.
    """

    spearman: Number
    top: Number


@dataclass
class ExplanationsSummary:
    """
    How alike explanations are.

    # Parameters

    between_methods : `dict[str, dict[str, Likeness]]`
        Of each two methods, each pair once.
    with_reference : `dict[str, Likeness]`, optional
        Of this model's and the reference's explanations by each method, over the inputs that both
        read as the same tokens.
    """

    between_methods: dict[str, dict[str, Likeness]]
    with_reference: Optional[dict[str, Likeness]] = None


@dataclass
class Deletion:
    """
    What is left of the predictions without the first tokens.

    # Parameters

    share : `float`
        Of the tokens that are taken out, in percent.
    probability : `Number`
        Of the class that the whole text is predicted as.
    as_before, accuracy : `Number`
        The share of inputs that are still predicted so, and that are predicted right.
    """

    share: float
    probability: Number
    as_before: Number
    accuracy: Number


@dataclass
class MethodFaithfulness:
    """Times 100; see `Faithfulness`."""

    comprehensiveness: Number
    sufficiency: Number
    left_out: Number
    curve: list[Deletion]


@dataclass
class FaithfulnessSummary:
    """
    How faithful methods are.

    # Parameters

    without : `int`
        Instances without tokens to take out, which the rest leaves out.
    methods : `dict[str, MethodFaithfulness]`
        The random order among them.
    """

    without: int
    methods: dict[str, MethodFaithfulness]


AttackNumbers = dict[str, int | float | dict[str, Number] | None]
"""What `Attack.summarize` gives: numbers, and mappings of numbers, by name."""


@dataclass
class ModelSummary:
    """
    What was measured of one model. Shares are in percent, and `None` where nothing was counted.

    # Parameters

    instances : `int`
    archive : `str`, optional
        Its path.
    scores : `dict[str, Number]`
        How well it does its task, by the names of the task's scores.
    agreement : `Number`
        The share of the instances that it predicts as the reference does; none of the reference.
    targets : `dict[str, TargetSummary]`
    explanations : `ExplanationsSummary`, optional
        Where there are methods.
    attacks : `dict[str, AttackNumbers]`
    faithfulness : `FaithfulnessSummary`, optional
    seconds : `dict[str, float]`, optional
        That 1,000 inputs take, by method.
    analyses : `dict[str, Any]`
        The parts of further analyses, by their names.
    truncated : `int`, optional
        Instances whose text was cut, where there are any.
    left_out : `dict[str, int]`, optional
        Why inputs are left out of all numbers, and how many.
    failed : `dict[str, dict[str, int]]`, optional
        By the names of the methods that fail on some inputs: why, and on how many.
    """

    instances: int
    archive: Optional[str] = None
    scores: dict[str, Number] = field(default_factory=dict)
    agreement: Number = None
    targets: dict[str, TargetSummary] = field(default_factory=dict)
    explanations: Optional[ExplanationsSummary] = None
    attacks: dict[str, AttackNumbers] = field(default_factory=dict)
    faithfulness: Optional[FaithfulnessSummary] = None
    seconds: Optional[dict[str, float]] = None
    analyses: dict[str, Any] = field(default_factory=dict)
    truncated: Optional[int] = None
    left_out: Optional[dict[str, int]] = None
    failed: Optional[dict[str, dict[str, int]]] = None

    @property
    def methods(self) -> list[str]:
        """In the order of measuring."""
        return list(dict.fromkeys(m for target in self.targets.values() for m in target.methods))

    def on(self, target: str, method: str) -> Optional[OnTarget]:
        measured = self.targets.get(target)
        return None if measured is None else measured.methods.get(method)

    def narrowed(self, methods: Sequence[str]) -> "ModelSummary":
        """With the numbers of some methods, in this order; the random order stays."""
        explanations, faithfulness = self.explanations, self.faithfulness
        if explanations is not None and explanations.with_reference is not None:
            alike = _of(explanations.with_reference, methods)
            explanations = replace(explanations, with_reference=alike)
        if faithfulness is not None:
            erased = _of(faithfulness.methods, [*methods, RANDOM])
            faithfulness = replace(faithfulness, methods=erased)
        return replace(
            self,
            targets={
                name: replace(target, methods=_of(target.methods, methods))
                for name, target in self.targets.items()
            },
            explanations=explanations,
            faithfulness=faithfulness,
            seconds=None if self.seconds is None else _of(self.seconds, methods),
            failed=None if self.failed is None else _of(self.failed, methods) or None,
        )


def _of(numbers: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: numbers[name] for name in names if name in numbers}


@dataclass
class Summary:
    """
    What was measured of the models of one measurement. It says all that is needed to show it.

    # Parameters

    reference : `str`
        The model whose predictions the others are compared with.
    models : `dict[str, ModelSummary]`
    data : `str`, optional
        The path of what was measured on.
    methods : `dict[str, MethodLabel]`
    scores : `dict[str, str]`
        The titles of the task's scores.
    tables : `list[Table]`
        Those of further analyses.
    """

    reference: str
    models: dict[str, ModelSummary]
    data: Optional[str] = None
    methods: dict[str, MethodLabel] = field(default_factory=dict)
    scores: dict[str, str] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    version: int = VERSION

    def title(self, method: str) -> str:
        """Of a method, or of the order of tokens that it is compared with."""
        label = self.methods.get(method)
        return label.title if label is not None else NUMBERS.get(method, method)

    def narrowed(self, models: Sequence[str], methods: Sequence[str]) -> "Summary":
        """That of some models and methods, in the order of their names here."""
        return replace(
            self,
            models={name: self.models[name].narrowed(methods) for name in models},
            tables=[table.narrowed(models, methods) for table in self.tables],
        )


def upgraded(summary: dict[str, Any]) -> dict[str, Any]:
    """
    A summary of version 1 as one of today's, in JSON: the scores of tasks stood among a model's
    numbers, and titles were known to the program alone. The paper's numbers are in this form, too:
    they name no reference, and not all of a cell's numbers.
    """
    models = {}
    for name, numbers in summary["models"].items():
        model = {"instances": 0, **numbers}
        model["scores"] = {score: model.pop(score) for score in SCORES if score in model}
        model["targets"] = {
            target: {
                "without": 0,
                **measured,
                "methods": {
                    method: {**dict.fromkeys(OnTarget.__annotations__), **on}
                    for method, on in measured["methods"].items()
                },
            }
            for target, measured in model.get("targets", {}).items()
        }
        models[name] = model
    methods = dict.fromkeys(
        method
        for model in models.values()
        for measured in [*model["targets"].values(), model.get("faithfulness", {"methods": {}})]
        for method in measured["methods"]
        if method != RANDOM
    )
    scores = dict.fromkeys(score for model in models.values() for score in model["scores"])
    return {
        **summary,
        "version": VERSION,
        "reference": summary.get("reference", next(iter(models), "")),
        "models": models,
        "methods": {method: {"title": METHODS.get(method, method)} for method in methods},
        "scores": {score: SCORES[score] for score in scores},
    }

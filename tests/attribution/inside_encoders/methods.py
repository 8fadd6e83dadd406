"""Methods that look inside an encoder, each with its formula for one text."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from facade_allennlp.attribution import (
    LRP,
    AttentionTracing,
    AttnLRP,
    AttributionMethod,
    GradientInput,
    GradientSensitivity,
    LiteralLRP,
)
from tests.attribution.inside_encoders import by_formula, lrp_by_formula
from tests.attribution.inside_encoders.by_formula import OneText


def name(parameter: Any) -> str:
    """Of a method or a storage, for the ids of tests."""
    return getattr(parameter, "name", type(parameter).__name__)


Formula = Callable[[OneText, int], Tensor]


def _lrp(alpha: float = 0.5) -> Formula:
    def formula(text: OneText, label: int) -> Tensor:
        pooled = lrp_by_formula.of_pooled(text, label, alpha)
        return lrp_by_formula.lrp(text, pooled, alpha)[0].abs().sum(dim=-1)

    return formula


def _literal(alpha: float = 0.5, attention: str = "quick") -> Formula:
    def formula(text: OneText, label: int) -> Tensor:
        pooled = lrp_by_formula.of_pooled(text, label, alpha)
        return lrp_by_formula.literal_lrp(text, pooled, alpha, attention)[0].abs().sum(dim=-1)

    return formula


def _sensitivity(text: OneText, label: int) -> Tensor:
    return (text.logits[label] * by_formula.gradient(text, label)).square().sum(dim=-1)


def _gradient_input(text: OneText, label: int) -> Tensor:
    return (text.embedded * by_formula.gradient(text, label)).sum(dim=-1)


METHODS: list[tuple[AttributionMethod, Formula]] = [
    (LRP(), _lrp()),
    (LRP(alpha=0.8), _lrp(alpha=0.8)),
    (LiteralLRP(), _literal()),
    (LiteralLRP(attention="jacobian"), _literal(attention="jacobian")),
    (GradientSensitivity(), _sensitivity),
    (GradientInput(), _gradient_input),
    (AttnLRP(), lambda text, label: by_formula.AttnLRP(text, label).relevance.sum(dim=-1)),
    (AttentionTracing(), lambda text, label: by_formula.attention_tracing(text)),
]

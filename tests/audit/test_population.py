"""The figures of the audit's population."""

from typing import Any

import pytest

from benchmarks.audit import area, thresholds
from facade_allennlp.audit import Evidence


def row(lies: bool, score: float) -> dict[str, Any]:
    return {"lies": lies, "scores": dict.fromkeys(Evidence.list_available(), score)}


def test_the_area_counts_pairs() -> None:
    assert area([0.1, 0.2], [0.3, 0.4]) == 1
    assert area([0.1, 0.3], [0.2, 0.3]) == pytest.approx((1 + 0 + 1 + 0.5) / 4)


def test_thresholds_lie_between_clean_models_and_those_above() -> None:
    rows = [row(False, 0.2), row(False, 0.4), row(True, 0.3), row(True, 0.8)]
    assert list(thresholds(rows).values()) == pytest.approx([0.6] * len(Evidence.list_available()))
    assert thresholds(rows[:3])["presence"] == pytest.approx(0.44)

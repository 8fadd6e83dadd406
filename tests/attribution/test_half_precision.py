"""In half precision methods compute that keep the ranks of tokens; all else stays as it is."""

from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from facade_allennlp.attribution import (
    LRP,
    AttnLRP,
    AttributionMethod,
    ExplainedModel,
    FeatureAblation,
    Gradient,
    IntegratedGradients,
    LiteralLRP,
    SmoothGradient,
)
from facade_allennlp.results.records_file import read_model
from facade_allennlp.results.settings import MODEL_OPTIONS
from facade_allennlp.results.titles import METHODS
from fixtures import batch, build, classifier_config, read_text
from tests.analysis.measuring import run

IN_HALF = [Gradient(), IntegratedGradients(steps=4), LRP(), AttnLRP()]
AS_EVER = [SmoothGradient(samples=3), FeatureAblation(), LiteralLRP()]
TEXTS = ("the film was great .", "a good film", "she was not good !")


def name_of(method: AttributionMethod) -> str:
    return method.name


@contextmanager
def watched(model: Any) -> Any:
    """For each pass whether it computes in half precision."""
    seen: list[bool] = []
    handle = model.register_forward_pre_hook(
        lambda module, args: seen.append(torch.is_autocast_enabled("cpu"))
    )
    try:
        yield seen
    finally:
        handle.remove()


@pytest.fixture
def both() -> tuple[ExplainedModel, ExplainedModel, dict[str, Any]]:
    model, reader, _ = build(classifier_config(16, 2))
    inputs = batch([read_text(model, reader, text) for text in TEXTS])
    return ExplainedModel(model), ExplainedModel(model, precision="bf16"), inputs


@pytest.mark.parametrize("method", IN_HALF, ids=name_of)
def test_scores_are_near_and_the_class_is_the_models_own(
    both: tuple[ExplainedModel, ExplainedModel, dict[str, Any]], method: AttributionMethod
) -> None:
    whole, half, inputs = both
    expected = method.attribute(whole, inputs)
    with watched(half.model) as seen:
        attribution = method.attribute(half, inputs)
    assert not seen[0], "what the model decides is computed in its own precision"
    assert seen[-1]
    assert not torch.is_autocast_enabled("cpu")
    assert attribution.raw.dtype == torch.float32
    assert [c.tolist() for c in attribution.classes] == [c.tolist() for c in expected.classes]
    assert not torch.equal(attribution.raw, expected.raw)
    difference = (attribution.normalized - expected.normalized).abs().sum(dim=-1)
    assert float(difference.max()) < 0.1


@pytest.mark.parametrize("method", AS_EVER, ids=name_of)
def test_others_compute_as_ever(
    both: tuple[ExplainedModel, ExplainedModel, dict[str, Any]], method: AttributionMethod
) -> None:
    whole, half, inputs = both
    torch.testing.assert_close(
        method.attribute(half, inputs).raw, method.attribute(whole, inputs).raw, rtol=0, atol=0
    )


def test_the_help_names_the_methods_that_do() -> None:
    told = MODEL_OPTIONS["precision"].arguments["help"].split(": ")[1].split(";")[0].split(", ")
    every = map(AttributionMethod.by_name, METHODS)
    assert sorted(told) == sorted(
        name for name, method in zip(METHODS, every) if method.in_half_precision
    )


def test_there_is_one_other_precision() -> None:
    model, _, _ = build(classifier_config(16, 2))
    with pytest.raises(ConfigurationError, match="precision is 'int8', but can only be 'bf16'"):
        ExplainedModel(model, precision="int8")


def test_a_measurement_predicts_the_same(archives: dict[str, str], tmp_path: Path) -> None:
    for name, precision in (("whole", None), ("half", "bf16")):
        run({"f": archives["f"]}, tmp_path / name, precision=precision)
    (_, whole), (header, half) = (read_model(tmp_path / name, "f") for name in ("whole", "half"))
    assert header.settings.precision == "bf16"
    assert [one.probabilities for one in half] == [one.probabilities for one in whole]
    assert [one.scores for one in half] != [one.scores for one in whole]

"""What a config names is looked up, never imported, and checked to the last field."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError
from allennlp.predictors import Predictor

from facade_allennlp.attacks import Attack
from facade_allennlp.attribution import AttributionMethod, IntegratedGradients, SmoothGradient
from facade_allennlp.models.storage import Storage
from facade_allennlp.registered import check, made, registered
from facade_allennlp.targets import TokenTarget

FEW = {"type": "smooth_gradient", "samples": 3, "stdev": 1}
HOTFLIP = {"type": "hotflip", "max_flips": 2, "target": {"type": "words", "words": ["the"]}}


class Nameless(Registrable):
    """A kind of thing of which nothing is registered."""


def test_what_fits_is_made_and_the_config_stays_as_it_was() -> None:
    assert made(AttributionMethod, FEW).weights == [1 / 3] * 3  # type: ignore[attr-defined]
    assert isinstance(made(AttributionMethod, "smooth_gradient"), SmoothGradient)
    nested = {"type": "integrated_gradients", "baseline": {"type": "pad", "keep_special": True}}
    method = made(AttributionMethod, nested)
    assert isinstance(method, IntegratedGradients)
    assert nested["baseline"] == {"type": "pad", "keep_special": True}
    assert made(Attack, HOTFLIP).target.matches("the")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "config", "message"),
    [
        (
            AttributionMethod,
            "gradeint",
            "no attribution method 'gradeint': did you mean 'gradient'?",
        ),
        (AttributionMethod, "Smooth-Gradient", "did you mean 'smooth_gradient'?"),
        (TokenTarget, "xyzzy", "no token target 'xyzzy', but 'first_token', "),
        (AttributionMethod, 3, "attribution method is 3, but must be a name, or an object"),
        (AttributionMethod, ["lrp"], "but must be a name, or an object"),
        (
            AttributionMethod,
            {"type": 3.7},
            "a type of attribution method is 3.7, but must be a name",
        ),
        (
            AttributionMethod,
            {**FEW, "sampels": 3},
            "no parameter 'sampels': did you mean 'samples'?",
        ),
        (
            AttributionMethod,
            {**FEW, "samples": "many"},
            "samples of smooth_gradient is 'many', but",
        ),
        (AttributionMethod, {**FEW, "samples": True}, "is True, but must be a whole number"),
        (AttributionMethod, {**FEW, "samples": 3.0}, "is 3.0, but must be a whole number"),
        (AttributionMethod, {**FEW, "samples": None}, "is None, but must be a whole number"),
        (AttributionMethod, {**FEW, "stdev": "0.1"}, "stdev of smooth_gradient is '0.1'"),
        (AttributionMethod, {**FEW, "samples": {}}, "is {}, but must be a whole number"),
        (TokenTarget, {"type": "words"}, "words needs 'words'"),
        (TokenTarget, {"type": "words", "words": "the"}, "is 'the', but must be a list"),
        (TokenTarget, {"type": "words", "words": ["a", 3]}, "item 2 of words of words is 3"),
        (Attack, {**HOTFLIP, "target": {"type": "wrods"}}, "did you mean 'words'?"),
        (Attack, {**HOTFLIP, "target": 3}, "target of hotflip is 3, but must be a name"),
        (Storage, {"type": "structured", "noise": 1.0}, "structured has no parameter 'noise'"),
        (
            AttributionMethod,
            {"type": "lime", "baseline": {"_pretrained": {"archive_file": "f"}}},
            "baseline of lime asks for a part of an archive",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence(kind: Any, config: Any, message: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        made(kind, config)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("look_up", "kind", "config"),
    [
        (check, AttributionMethod, {"type": "sneaky.Thing"}),
        (check, AttributionMethod, {"type": "integrated_gradients", "baseline": "sneaky.Thing"}),
        (check, Attack, {"type": "hotflip", "target": {"type": "sneaky.Thing"}}),
        (registered, Predictor, "sneaky.Thing"),
        (check, Nameless, {"type": "sneaky.Thing"}),
    ],
)
def test_no_name_imports_a_module(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    look_up: Callable[[Any, Any], Any],
    kind: type,
    config: Any,
) -> None:
    (tmp_path / "sneaky.py").write_text("class Thing:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match=r"there is no .*'sneaky\.Thing'"):
        look_up(kind, config)
    assert "sneaky" not in sys.modules

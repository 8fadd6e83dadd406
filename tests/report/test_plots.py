"""Plots of a measurement, and what they tell who cannot see them."""

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from markupsafe import Markup, escape

from facade_allennlp.display.inline_svg import INK
from facade_allennlp.report.plots import plots
from facade_allennlp.results.files import summary_from_json


def model(mean: float | None, *targets: str, **other: Any) -> dict[str, Any]:
    methods = {name: {"p_at_1": 1.0, "mean_attribution": mean} for name in ("gradient", "own")}
    return {"targets": {t: {"without": 0, "methods": methods} for t in targets}, **other}


def flips(*percents: float | None) -> dict[str, Any]:
    counted = {str(place): percent for place, percent in enumerate(percents, start=1)}
    return {"flip": {"mean_flips": 1.5, "flips_percent": counted}}


def faithfulness(**curves: list[float]) -> dict[str, Any]:
    methods = {
        name: {
            "curve": [
                {"share": share, "probability": None, "as_before": kept, "accuracy": None}
                for share, kept in zip((5.0, 50.0), curve)
            ],
            **dict.fromkeys(("comprehensiveness", "sufficiency", "left_out")),
        }
        for name, curve in curves.items()
    }
    return {"without": 0, "methods": methods}


def drawn(**models: dict[str, Any]) -> dict[str, Markup]:
    return dict(plots(summary_from_json({"reference": next(iter(models)), "models": models})))


def texts(picture: Markup) -> list[str | None]:
    tree = ElementTree.fromstring(picture.replace("xlink:", ""))
    return [text.text for text in tree.iter("text")]


def label(picture: Markup) -> str | None:
    return ElementTree.fromstring(picture.replace("xlink:", "")).get("aria-label")


def test_each_target_with_methods_has_a_plot() -> None:
    found = drawn(f=model(12.5, "first_token", "nouns"), g=model(97.25, "first_token", "nouns"))
    assert list(found) == ["Mean attribution on first_token, %", "Mean attribution on nouns, %"]
    picture = found["Mean attribution on nouns, %"]
    assert label(picture) == (
        "Mean attribution on nouns, %. f: Gradient 12.5, own 12.5; g: Gradient 97.2, own 97.2"
    )
    assert {"Gradient", "own", "f", "g", "mean attribution, %"} <= set(texts(picture))


def test_a_target_without_numbers_has_no_plot() -> None:
    assert drawn(f=model(12.5, "nouns"), g=model(None, "nouns")) == {}
    assert drawn(f={"targets": {"nouns": {"without": 0, "methods": {}}}}) == {}


def test_the_flips_that_an_attack_needs_have_a_plot() -> None:
    found = drawn(
        f=model(None, attacks=flips(60.0, 40.0)), g=model(None, attacks=flips(None, None))
    )
    ((title, picture),) = found.items()
    assert title == "Inputs by the number of tokens that flip has to exchange, %"
    assert label(picture) == f"{title}. f: 1 60.0, 2 40.0; g: 1 0.0, 2 0.0"


def test_an_attack_that_counts_no_flips_has_no_plot() -> None:
    assert drawn(f=model(None, attacks={"reduction": {"mean_left": 2.0}})) == {}


def test_faithfulness_has_a_plot_for_each_model() -> None:
    measured = faithfulness(gradient=[98.0, 61.25], random=[99.0, 90.0])
    found = drawn(f=model(None, faithfulness=measured), g=model(None, faithfulness=measured))
    tail = ": % predicted as before while the first tokens are taken out"
    assert list(found) == ["f" + tail, "g" + tail]
    assert label(found["g" + tail]) == (
        f"g{tail}. Gradient 98.0 to 61.2, random order 99.0 to 90.0"
    )
    assert {"random order", "tokens taken out, %"} <= set(texts(found["g" + tail]))


def test_faithfulness_that_left_out_all_inputs_has_no_plot() -> None:
    assert drawn(f=model(None, faithfulness={"without": 3, "methods": {}})) == {}


def test_pictures_take_on_the_colours_of_the_page_and_name_no_address() -> None:
    (picture,) = drawn(f=model(12.5, "nouns")).values()
    assert picture.startswith("<svg ")
    assert ' role="img" aria-label="' in picture[: picture.index(">")]
    assert INK not in picture
    assert "currentColor" in picture
    for gone in ("xmlns", "http", "<?xml", "<!DOCTYPE", "<!--", "<metadata"):
        assert gone not in picture


@pytest.mark.parametrize(
    "name", ["$x$", "<b>bold<b>", "a & b", r"$\frac{1}", '"', "a{{7+7}}", "_f"]
)
def test_names_are_text(name: str) -> None:
    (picture,) = drawn(**{name: model(12.5, "nouns")}).values()
    assert name in texts(picture)
    assert f"{name}: Gradient 12.5" in str(label(picture))
    assert "<b>" not in picture
    assert str(escape(name)) in picture


def test_a_long_name_leaves_room_for_the_numbers() -> None:
    name = "model" * 30
    (picture,) = drawn(**{name: model(12.5, "nouns"), "g": model(25.0, "nouns")}).values()
    assert "modelmodelmodelmodelmod…" in texts(picture)
    assert name not in texts(picture)
    assert f"{name}: Gradient 12.5" in str(label(picture))


def test_the_same_numbers_give_the_same_picture() -> None:
    assert drawn(f=model(12.5, "nouns")) == drawn(f=model(12.5, "nouns"))

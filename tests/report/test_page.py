"""The page that shows explanations side by side, from hand-made result files."""

import argparse
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from facade_allennlp.commands.report import run
from facade_allennlp.errors import InputError
from facade_allennlp.report.page import render
from facade_allennlp.results.files import SUMMARY, write_whole
from facade_allennlp.results.record import Record
from facade_allennlp.texts.source_text import direction
from tests.report.results import flipped, record, reduced, write_results

HEBREW = ["סרט", "נפלא"]
TEXTS = [
    ["<script>alert(1)</script>", '"quoted"', "it's"],
    HEBREW,
    ["loved", "it", "🎬", "👩‍👩‍👧"],
    ["z" * 5000, "</script>", "\u2028"],
    ["{{", "7*7", "}}", "<!--"],
]


class Page(HTMLParser):
    """The tags, with their attributes, the texts and the comments of a page; and its data."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.comments: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.tags and self.tags[-1][1].get("id") == "data" and data.strip():
            self.data = json.loads(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def options(self) -> list[str | None]:
        return [attributes["value"] for tag, attributes in self.tags if tag == "option"]

    def controls(self) -> set[str | None]:
        return {attributes["name"] for tag, attributes in self.tags if tag in ("input", "select")}


def data(html: str) -> dict[str, Any]:
    """What the page's script draws."""
    return Page(html).data


def shown(html: str) -> list[int]:
    return [entry["index"] for entry in data(html)["inputs"]]


@pytest.fixture
def records() -> dict[str, list[Record]]:
    honest = [record(index, words) for index, words in enumerate(TEXTS)]
    fooled = [record(index, words, first=97.0) for index, words in enumerate(TEXTS)]
    fooled[2] = record(2, TEXTS[2], first=97.0, prediction="bad")
    return {"f": honest, "f_<i>ft": fooled}


@pytest.fixture
def results(records: dict[str, list[Record]], tmp_path: Path) -> Path:
    return write_results(tmp_path, records)


def arguments(results: Path, output: Path, **changed: object) -> argparse.Namespace:
    given = {"models": None, "methods": None, "limit": 50, "force": False, **changed}
    return argparse.Namespace(results=results, output=output, **given)


def test_nothing_from_the_data_becomes_markup(
    records: dict[str, list[Record]], tmp_path: Path
) -> None:
    for of_model in records.values():
        of_model[0].gold = '"><img src=x>'
        of_model[1].prediction = "<svg onload=alert(1)>"
    page = Page(render(write_results(tmp_path, records)))
    tags = [tag for tag, _ in page.tags]
    assert [attributes for tag, attributes in page.tags if tag == "script"] == [
        {"type": "application/json", "id": "data"},
        {},
    ]
    assert not {"i", "b", "img", "method"} & set(tags)
    assert tags.count("svg") == 1
    assert page.comments == []
    assert 'gold "><img src=x>' in page.options()


def test_every_word_is_in_the_data_as_it_was_typed(results: Path) -> None:
    found = data(render(results))
    for entry, words in zip(found["inputs"], TEXTS, strict=True):
        for cell in entry["cells"]:
            assert found["texts"][cell["text"]]["words"] == ["[CLS]", *words, "[SEP]"]


def test_page_needs_no_other_file(results: Path) -> None:
    html = render(results)
    loading = {"src", "srcset", "data", "action", "poster", "href", "xlink:href"}
    for tag, attributes in Page(html).tags:
        for name in loading & attributes.keys():
            assert str(attributes[name]).startswith("#"), (tag, attributes)
    assert not re.search(r"https?://|@import|url\((?!#)|\bfetch\(|\bimport\(|XMLHttpRequest", html)
    (policy,) = (of["content"] for _, of in Page(html).tags if "http-equiv" in of)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def test_shares_have_the_sign_of_what_they_speak_for(tmp_path: Path) -> None:
    # Of a gradient of the loss positive scores speak against the class, whatever its name here is.
    scores = {"mine": [0.0, 3.0, -1.0, 0.0], "other": [0.0, 3.0, -1.0, 0.0]}
    methods = {"mine": {"type": "smooth_gradient", "samples": 3}, "other": "lrp"}
    explained = record(0, ["good", "film"], scores=scores)
    found = data(render(write_results(tmp_path, {"f": [explained]}, methods)))
    assert found["signed"] == [True, False]
    assert found["inputs"][0]["cells"][0]["shares"] == [[0, -7500, 2500, 0], [0, 7500, 2500, 0]]


def test_colours_by_side_are_offered_where_a_method_tells_sides(results: Path) -> None:
    assert "sides" in Page(render(results, methods=["gradient"])).controls()
    assert "sides" not in Page(render(results, methods=["own<method>"])).controls()


def test_predictions_are_compared_with_gold_and_with_the_reference(results: Path) -> None:
    inputs = data(render(results))["inputs"]
    assert [[cell["right"] for cell in entry["cells"]] for entry in inputs] == [
        [True, place != 2] for place in range(len(TEXTS))
    ]
    assert [[cell["same"] for cell in entry["cells"]] for entry in inputs] == [
        [None, place != 2] for place in range(len(TEXTS))
    ]


def test_agreement_is_told_where_the_reference_has_no_column(results: Path) -> None:
    found = data(render(results, ["f_<i>ft"]))
    assert found["models"] == ["f_<i>ft"]
    assert [entry["cells"][0]["same"] for entry in found["inputs"]] == [
        True,
        True,
        False,
        True,
        True,
    ]


def test_text_from_right_to_left_is_set_so(results: Path) -> None:
    found = data(render(results))
    set_so = [text["words"] for text in found["texts"] if text["direction"] == "rtl"]
    assert set_so == [["[CLS]", *HEBREW, "[SEP]"]]
    assert direction(["12", *HEBREW, "good"]) == "rtl"
    assert direction(["good", *HEBREW]) == "ltr"
    assert direction(["?!"]) == "ltr"


@pytest.mark.parametrize("limit", [1, 3])
def test_page_holds_the_first_inputs_only(results: Path, limit: int) -> None:
    html = render(results, limit=limit)
    assert shown(html) == list(range(limit))
    assert "7*7" not in html


def test_only_inputs_that_all_models_have_are_shown(tmp_path: Path) -> None:
    f = [record(index, ["good"]) for index in (0, 1, 2, 5)]
    g = [record(index, ["good"]) for index in (1, 5, 7)]
    write_results(tmp_path, {"f": f, "g": g})
    assert shown(render(tmp_path)) == [1, 5]
    # The reference need not have them all, as long as it is not shown.
    alone = data(render(tmp_path, ["g"]))["inputs"]
    assert [(entry["index"], entry["cells"][0]["same"]) for entry in alone] == [
        (1, True),
        (5, True),
        (7, None),
    ]


def test_models_without_an_input_in_common_are_refused(tmp_path: Path) -> None:
    write_results(tmp_path, {"f": [record(0, ["good"])], "g": [record(1, ["good"])]})
    with pytest.raises(InputError, match="there is no input that f, g all have"):
        render(tmp_path)


def test_models_and_methods_stand_in_the_order_asked_for(results: Path) -> None:
    html = render(results, ["f_<i>ft", "f"], ["own<method>", "gradient"])
    assert re.findall(r'<th scope="col">(f[^<]*)<small>', html) == ["f_&lt;i&gt;ft", "f"]
    found = data(html)
    assert found["models"] == ["f_<i>ft", "f"]
    assert found["methods"] == ["own<method>", "Gradient"]
    # Three words and two special tokens: 97 of 101, against one of five.
    of_fooled, of_honest = (cell["shares"] for cell in found["inputs"][0]["cells"])
    assert of_fooled == [[2000] * 5, [-99, -9604, -99, -99, -99]]
    assert of_honest == [[2000] * 5, [-2000] * 5]


def test_the_lead_tells_how_much_lies_on_the_target(results: Path) -> None:
    # All words but those of the fooled model count alike, so the first has 1 / (words + 2).
    honest = 100 * sum(1 / (len(words) + 2) for words in TEXTS) / len(TEXTS)
    fooled = 100 * sum(97 / (97 + len(words) + 1) for words in TEXTS) / len(TEXTS)
    html = render(results)
    text = " ".join(" ".join(Page(html[: html.index("</header>")]).texts).split())
    assert "f_<i>ft predicts 80.0 % of the inputs as f does." in text
    told = f"Under Gradient, {fooled:.1f} % of its attribution is on first_token , where f has"
    assert f"{told} {honest:.1f} %" in text
    assert "on none" not in text, "no input has a token of it"


def test_page_says_how_its_numbers_were_made(results: Path) -> None:
    html = render(results)
    made = " ".join(Page(html[html.index('<dl class="made">') :]).texts)
    assert "'reviews & more.jsonl' --reference f --target first_token 'none={" in made
    assert "--methods gradient 'own<method>=lrp'" in made
    assert "'f_<i>ft=runs/f_<i>ft.tar.gz'" in made
    for term in ("Model f", "Method Gradient", "Method own<method>", "Target none"):
        assert term in made
    # The command measures all of the models and methods, which the page need not show.
    few = render(results, ["f"], ["gradient"])
    made = " ".join(Page(few[few.index('<dl class="made">') :]).texts)
    assert "Model f_<i>ft" not in made
    assert "Method own<method>" not in made


@pytest.mark.parametrize("score", [0.0, math.nan, math.inf])
def test_a_text_without_attribution_has_no_shares(tmp_path: Path, score: float) -> None:
    unusable = record(0, ["good", "film"])
    unusable.scores["gradient"] = [score] * 4
    found = data(render(write_results(tmp_path, {"f": [unusable]})))
    assert found["inputs"][0]["cells"][0]["shares"] == [None, [2500] * 4]


def test_a_probability_that_is_no_number_leaves_the_data_json(tmp_path: Path) -> None:
    broken = record(0, ["good"], probabilities=[math.nan, math.nan])
    html = render(write_results(tmp_path, {"f": [broken]}))
    (cell,) = data(html)["inputs"][0]["cells"]
    assert cell["probability"] is None
    assert "NaN" not in html


@pytest.mark.parametrize(
    ("models", "methods", "message"),
    [
        (["f", "h"], None, "no model 'h', but 'f'"),
        (None, ["lime"], "no method 'lime', but 'gradient'"),
    ],
)
def test_unknown_name_is_refused(
    results: Path, models: list[str] | None, methods: list[str] | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        render(results, models, methods)


def test_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no summary\.json"):
        render(tmp_path / "absent")
    (tmp_path / SUMMARY).write_text("{")
    with pytest.raises(InputError, match="no summary of a measurement"):
        render(tmp_path)


def test_models_measured_on_unlike_data_are_refused(results: Path) -> None:
    path = results / "f.records.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("reviews & more", "other"), "utf-8")
    with pytest.raises(InputError, match="unlike settings"):
        render(results)


def test_limit_below_one_is_refused(results: Path) -> None:
    with pytest.raises(InputError, match="limit is 0"):
        render(results, limit=0)


def test_results_without_anything_to_show_are_refused(tmp_path: Path) -> None:
    write_results(tmp_path, {"f": [record(0, ["good"], scores={})]}, methods={})
    with pytest.raises(InputError, match="no explanation to show"):
        render(tmp_path)


def test_command_keeps_an_output_that_is_there(results: Path, tmp_path: Path) -> None:
    output = tmp_path / "pages" / "report.html"
    run(arguments(results, output, limit=2))
    first = output.read_text(encoding="utf-8")
    assert first == render(results, limit=2)
    with pytest.raises(InputError, match="use --force"):
        run(arguments(results, output, limit=3))
    assert output.read_text(encoding="utf-8") == first
    run(arguments(results, output, limit=3, force=True))
    assert output.read_text(encoding="utf-8") == render(results, limit=3)
    assert [path.name for path in output.parent.iterdir()] == ["report.html"]


def test_command_leaves_nothing_behind_where_it_fails(results: Path, tmp_path: Path) -> None:
    output = tmp_path / "report.html"
    with pytest.raises(InputError, match="no model 'h'"):
        run(arguments(results, output, models=["h"]))
    assert not output.exists()


def test_attacks_have_tables(results: Path) -> None:
    summary = json.loads((results / SUMMARY).read_text())
    for number, model in enumerate(summary["models"].values()):
        model["attacks"] = {"hotflip": {"mean_flips": 2.0 + number, "flips_percent": {"1": 60.0}}}
    write_whole(results / SUMMARY, json.dumps(summary))
    html = render(results)
    # Numbers of the models, likeness of their explanations, and two of the attack.
    assert html.count('<table class="numbers">') == 4
    assert {"flips", "2.0", "3.0", "60.0"} <= set(Page(html).texts)


def test_attacks_alone_make_a_page(tmp_path: Path) -> None:
    attacks = {"reduction": reduced([2], [1]), "flip": flipped({1: "<b>bad</b>"})}
    attacked = record(0, ["good", "film"], scores={}, attacks=attacks)
    html = render(write_results(tmp_path, {"f": [attacked]}, methods={}))
    found = data(html)
    assert found["methods"] == []
    assert found["attacks"] == ["reduction", "flip"]
    assert found["inputs"][0]["cells"][0]["edits"][1]["parts"] == [
        {"special": "[CLS]"},
        ["good", "<b>bad</b>"],
        "film",
        {"special": "[SEP]"},
    ]
    assert "How much" not in html
    assert "Explained class" not in html
    assert "change" not in Page(html).options()


def test_what_can_be_chosen_is_what_is_there(tmp_path: Path) -> None:
    labelled = [record(index, ["good"], gold=f"class {index}") for index in range(21)]
    few = Page(render(write_results(tmp_path / "few", {"f": labelled[:20]})))
    assert [value for value in few.options() if "gold" in str(value)] == sorted(
        f"gold class {index}" for index in range(20)
    )
    assert {"target", "search", "filter", "sort"} <= few.controls()
    assert not {"unlike", "alike", "change"} & set(few.options()), "there is one model"
    # More classes than a list can show are left to the search.
    many = Page(render(write_results(tmp_path / "many", {"f": labelled})))
    assert not any("gold" in str(value) for value in many.options())
    targets = {"first_token": "first_token"}
    single = [record(0, ["good"], targets={"first_token": [1]})]
    page = Page(render(write_results(tmp_path / "single", {"f": single}, targets=targets)))
    assert "target" not in page.controls()

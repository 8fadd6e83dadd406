"""The page of `allennlp report` with whatever texts a corpus holds, and with many of them."""

import random
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from facade_allennlp.results.record import Record
from tests.browser.reported import (
    cell,
    indices,
    lines,
    made,
    rows,
    select,
    sideways,
)
from tests.report.results import flipped, record, reduced, write_results

NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "</script>",
    "</title></style><svg onload=alert(3)>",
    "<!--",
    "-->",
    "]]>",
    '"quoted"',
    "'single'",
    "it's",
    "&amp;",
    "&lt;b&gt;",
    "{{7*7}}",
    "{% raw %}",
    "${7*7}",
    "`tick`",
    "\\u003c",
    "javascript:alert(4)",
    "a\u2028b\u2029c",
    "\u202eabc",
    "a\u00adb",
    "👩‍👩‍👧",
    "🏳️‍🌈",
    "é",
    "e\u0301",
    "בית",
    "سلام",
    "__proto__",
    "constructor",
    "z" * 10_000,
]


def test_whatever_a_text_holds_is_text(page: Page, tmp_path: Path) -> None:
    hebrew = ["סרט", "נפלא", *NASTY]
    odd = '"><img src=x onerror=alert(5)>'
    models = {
        name: [
            record(
                index,
                words,
                9.0,
                gold=odd,
                prediction="<svg onload=alert(6)>",
                targets={"<b>first": [1]},
                attacks={"reduction": reduced([1, 2], [3]), "flip": flipped({1: NASTY[0]})},
            )
            for index, words in enumerate((NASTY, hebrew))
        ]
        for name in ("f", "f_<i>ft")
    }
    results = write_results(tmp_path, models, None, {"<b>first": "first_token"})
    page.goto(made(results))
    for index, words in enumerate((NASTY, hebrew)):
        for model in (0, 1):
            for line in (0, 1):
                drawn = cell(page, index, model).locator(".line").nth(line).locator(".w")
                assert drawn.all_text_contents() == ["[CLS]", *words, "[SEP]"]
        expect(cell(page, index).locator("ins")).to_have_text(NASTY[0])
    directions = rows(page).locator(".words").evaluate_all("all => all.map((line) => line.dir)")
    assert directions == ["ltr"] * 8 + ["rtl"] * 8
    expect(cell(page, 0).locator(".says strong")).to_have_text("<svg onload=alert(6)>")
    expect(page.locator(".inputs thead th").nth(2)).to_contain_text("f_<i>ft")
    expect(page.locator(".inputs tbody th b").first).to_have_text(odd)
    select(page, "Inputs").select_option("gold: " + odd)
    expect(rows(page)).to_have_count(2)
    known = "h3 span p div del ins b br strong th td tr".upper().split()
    assert set(rows(page).locator("*").evaluate_all("all => all.map((e) => e.tagName)")) <= {*known}
    assert page.locator("script").count() == 2
    assert page.locator("img, iframe, object, i, [onload], [onerror]").count() == 0
    for width in (1280, 400):
        page.set_viewport_size({"width": width, "height": 800})
        assert sideways(page) <= 0, width


def test_attacks_alone_are_shown(page: Page, tmp_path: Path) -> None:
    attacked = record(0, ["good", "film"], scores={}, attacks={"flip": flipped({1: "bad"})})
    page.goto(made(write_results(tmp_path, {"f": [attacked]}, methods={})))
    assert lines(cell(page, 0)) == ["flip"]
    expect(cell(page, 0).locator("ins")).to_have_text("bad")


def test_a_text_without_attribution_says_so(page: Page, tmp_path: Path) -> None:
    unusable = record(0, ["good", "film"])
    unusable.scores = {"gradient": [0.0] * 4}
    page.goto(made(write_results(tmp_path, {"f": [unusable]}, methods={"gradient": "gradient"})))
    expect(cell(page, 0)).to_contain_text("No attribution: all scores are zero")
    expect(cell(page, 0)).to_contain_text("Strongest words: none.")
    assert cell(page, 0).locator(".w").all_text_contents() == ["[CLS]", "good", "film", "[SEP]"]
    assert cell(page, 0).locator(".top, .strong").count() == 0


@pytest.mark.slow
def test_a_whole_development_set_is_one_small_page(page: Page, tmp_path: Path) -> None:
    chance = random.Random(0)
    names = ["gradient", "smooth_gradient", "integrated_gradients", "lime", "lrp", "attn_lrp"]
    vocabulary = ["".join(chance.choices("abcdefgh", k=chance.randint(2, 9))) for _ in range(5000)]
    texts = [chance.choices(vocabulary, k=chance.randint(8, 32)) for _ in range(872)]

    def of_model() -> list[Record]:
        return [
            record(
                index,
                words,
                targets={"first_token": [1]},
                scores={n: [chance.gauss(0, 1) for _ in range(len(words) + 2)] for n in names},
                attacks={
                    "reduction": reduced(range(1, len(words)), [len(words)]),
                    "flip": flipped({chance.randint(1, len(words)): chance.choice(vocabulary)}),
                },
            )
            for index, words in enumerate(texts)
        ]

    models = {name: of_model() for name in ("f", "f_ft", "f_stop")}
    targets = {"first_token": "first_token"}
    results = write_results(tmp_path, models, {n: n for n in names}, targets, summarized=20)
    address = made(results)
    size = (results / "report.html").stat().st_size
    began = time.perf_counter()
    page.goto(address, wait_until="domcontentloaded")
    expect(rows(page)).to_have_count(20)
    opening = time.perf_counter() - began
    began = time.perf_counter()
    select(page, "Sorted by").select_option("change of the explanation, largest first")
    assert indices(page) != list(range(20))
    sorting = time.perf_counter() - began
    print(f"{size:,} bytes, opened in {opening:.2f} s, sorted in {sorting:.2f} s")
    assert size < 10_000_000
    assert opening < 6
    assert sorting < 6

"""What a person sees of the page that `allennlp report` makes, and does with it."""

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from facade_allennlp.analysis.record import Record
from facade_allennlp.report.page import render
from tests.report.results import flipped, record, reduced, write_results

INPUTS = 45
METHODS = {"gradient": "gradient", "tracing": "attention_tracing"}
TARGETS = {"first_token": "first_token", "last_word": {"type": "words", "words": ["end"]}}
UNLIKE = {3, 7, 30}
"""The inputs that the two models predict differently."""
WRONG = {3, 9}
"""Those that the first model is wrong on."""


def share(index: int) -> float:
    """Of the first word's attribution under the gradient in the fooled model; 0.25 to 0.69."""
    return 0.25 + 0.01 * (7 * index % INPUTS)


def certainty(index: int) -> float:
    """Of the honest model, 0.5 to 0.94. The other one is always more certain."""
    return 0.5 + 0.01 * (11 * index % INPUTS)


def explained(index: int, fooled: bool) -> Record:
    """
    Of four words, of which the first speaks against the class and the others for it: each as much
    in the honest model, in the fooled one with the `share` of the first. Every fourth text has one
    more, which counts nothing.
    """
    more = [] if index % 4 else ["indeed"]
    words = ["Film", f"number{index}", "was" if index % 2 else "is", "end", *more]
    rest = [0.0] * (len(more) + 1)
    first = share(index) if fooled else 0.25
    others = [-(1 - first) / 3] * 3
    label = "good" if index % 3 else "bad"
    other = {"good": "bad", "bad": "good"}[label]
    prediction = other if index in WRONG else label
    if fooled and index in UNLIKE:
        prediction = {"good": "bad", "bad": "good"}[prediction]
    return record(
        index,
        words,
        label=label,
        prediction=prediction,
        probabilities=[0.97, 0.03] if fooled else [certainty(index), 1 - certainty(index)],
        targets={"first_token": [1], "last_word": [4]},
        scores={"gradient": [0.0, first, *others, *rest], "tracing": [0.0, *[1.0] * 4, *rest]},
        attacks={"reduction": reduced([2, 3], [1, 4]), "flip": flipped({1: "Plot"})},
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a page of two models, two methods, two targets and two attacks."""
    folder = tmp_path_factory.mktemp("report")
    models = {
        name: [explained(index, fooled) for index in range(INPUTS)]
        for name, fooled in (("f", False), ("f_ft", True))
    }
    return made(write_results(folder, models, METHODS, TARGETS))


def made(results: Path) -> str:
    path = results / "report.html"
    path.write_text(render(results), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(page: Page, report: str) -> Page:
    page.goto(report)
    return page


def rows(page: Page) -> Locator:
    return page.locator(".inputs tbody tr")


def indices(page: Page) -> list[int]:
    """Of the inputs that are drawn, in order."""
    heads = page.get_by_role("table", name="Word by word").locator("tbody th").all_text_contents()
    return [int(re.findall(r"No\. (\d+)", head)[0]) for head in heads]


def cell(page: Page, index: int, model: int = 0) -> Locator:
    head = page.get_by_role("rowheader").filter(has_text=re.compile(rf"^No\. {index}(gold|$)"))
    return rows(page).filter(has=head).locator("td").nth(model)


def lines(where: Locator) -> list[str]:
    """What the lines of a cell are of."""
    return where.locator("h3").evaluate_all("all => all.map((h) => h.firstChild.textContent)")


def select(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name, exact=True)


def focused(page: Page) -> str:
    return page.evaluate("(({id, name, tagName}) => id || name || tagName)(document.activeElement)")


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the control with this id or name has the focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    pytest.fail(f"Tab does not reach {name}")


def colour(where: Locator, of: str = "backgroundColor") -> list[float]:
    """Red, green and blue as it is painted, on what lies behind it."""
    return where.evaluate(
        """(element, of) => {
          const context = Object.assign(document.createElement("canvas"), {width: 1, height: 1})
            .getContext("2d");
          const behind = [];
          for (let at = element; at; at = at.parentElement) {
            behind.unshift(getComputedStyle(at).backgroundColor);
          }
          if (of !== "backgroundColor") behind.push(getComputedStyle(element)[of]);
          for (const fill of behind) { context.fillStyle = fill; context.fillRect(0, 0, 1, 1); }
          return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
        }""",
        of,
    )


def contrast(where: Locator) -> float:
    """Of a text with what is behind it, from 1 to 21 (WCAG 2)."""

    def luminance(colour: Sequence[float]) -> float:
        linear = [c / 3294 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear))

    darker, lighter = sorted(map(luminance, (colour(where), colour(where, "color"))))
    return (lighter + 0.05) / (darker + 0.05)


def sideways(page: Page) -> int:
    """How many pixels the page can be scrolled to the side."""
    return page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")


def test_twenty_inputs_are_shown_and_more_when_asked_for(opened: Page) -> None:
    assert indices(opened) == list(range(20))
    expect(opened.get_by_role("status")).to_have_text("20 of 45 inputs shown.")
    opened.get_by_role("button", name="Show more").click()
    assert indices(opened) == list(range(40))
    # Who reads with the keyboard or a screen reader goes on where the new ones begin.
    expect(rows(opened).nth(20)).to_be_focused()
    opened.get_by_role("button", name="Show more").click()
    assert indices(opened) == list(range(45))
    expect(opened.get_by_role("status")).to_have_text("45 of 45 inputs shown.")
    expect(opened.get_by_role("button", name="Show more")).to_be_hidden()


def test_all_inputs_can_be_shown_at_once(opened: Page) -> None:
    opened.get_by_role("button", name="Show all, for printing").click()
    assert indices(opened) == list(range(45))
    expect(opened.get_by_role("button", name="Show all, for printing")).to_be_hidden()


def test_a_cell_tells_the_prediction_and_the_shares_of_its_words(opened: Page) -> None:
    # 7 · 3 = 21: the first word has 0.25 + 0.21 of the attribution, and 0.75 / 3 of the rest.
    fooled = cell(opened, 3, 1)
    says = fooled.locator(".says").inner_text().replace("\xa0", " ")
    assert " ".join(says.split()) == "predicts bad (97.0 %) ✓ right ≠ not as f"
    line = fooled.locator(".line").first
    assert line.locator("h3").inner_text().replace("\xa0", " ").split("\n") == [
        "Gradient",
        "46 % on first_token",
    ]
    words = line.locator(".w")
    assert words.all_text_contents() == ["[CLS]", "Film", "number3", "was", "end", "[SEP]"]
    titles = words.evaluate_all("all => all.map((word) => word.title.replace('\\u00a0', ' '))")
    # As the gradient's sign says, the first word speaks against the class.
    assert titles == [
        "0.0 % of the attribution",
        "−46 % of the attribution",
        *["+18 % of the attribution"] * 3,
        "0.0 % of the attribution",
    ]
    expect(line.locator(".w.top")).to_have_text("Film")
    beside = line.locator(".w.top").evaluate("(word) => getComputedStyle(word, '::after').content")
    assert beside == '"46\xa0%"'


def test_deeper_colours_are_larger_shares(opened: Page) -> None:
    words = cell(opened, 3, 1).locator(".line").first.locator(".w")
    paper = colour(opened.locator("body"))

    def depth(place: int) -> float:
        return sum(abs(one - other) for one, other in zip(colour(words.nth(place)), paper))

    assert depth(1) > depth(2) == depth(3) > depth(0) == 0


def test_a_method_alone_shows_its_lines_only(opened: Page) -> None:
    assert lines(cell(opened, 0)) == ["Gradient", "tracing", "reduction", "flip"]
    opened.get_by_role("radio", name="tracing").check()
    assert lines(cell(opened, 0)) == ["tracing"]
    assert lines(cell(opened, 19, 1)) == ["tracing"]
    opened.get_by_role("radio", name="all").check()
    assert lines(cell(opened, 0)) == ["Gradient", "tracing", "reduction", "flip"]


def test_an_attack_is_shown_as_an_edit(opened: Page) -> None:
    opened.get_by_role("radio", name="reduction").check()
    where = cell(opened, 5)
    assert lines(where) == ["reduction"]
    expect(where.locator("h3")).to_contain_text("2 of 4 tokens left, same prediction")
    assert where.locator("del").all_text_contents() == ["number5", "was"]
    assert where.locator("ins").count() == 0
    assert where.locator(".words").inner_text() == "[CLS] Film number5 was end [SEP]"
    struck = where.locator("del").first
    assert "line-through" in struck.evaluate("(e) => getComputedStyle(e).textDecorationLine")
    opened.get_by_role("radio", name="flip").check()
    expect(where.locator("h3")).to_contain_text("1 token exchanged: prediction changed")
    assert where.locator("del").all_text_contents() == ["Film"]
    assert where.locator("ins").all_text_contents() == ["Plot"]
    assert where.locator("del + ins").count() == 1


def test_the_target_moves_the_marks(opened: Page) -> None:
    marked = cell(opened, 3, 1).locator(".line").first.locator(".target")
    assert marked.all_text_contents() == ["Film"]
    select(opened, "Target").select_option("last_word")
    assert marked.all_text_contents() == ["end"]
    expect(cell(opened, 3, 1).locator("h3").first).to_contain_text("18\xa0% on last_word")


def test_colours_by_side_tell_for_from_against(opened: Page) -> None:
    gradient, tracing = (cell(opened, 3, 1).locator(".line").nth(place) for place in (0, 1))
    before = [colour(gradient.locator(".w").nth(place)) for place in (1, 2)]
    assert opened.locator(".inputs .sided").count() == 0
    opened.get_by_label("colours by side").check()
    expect(gradient.locator(".words")).to_have_class("words sided")
    expect(tracing.locator(".words")).to_have_class("words")
    assert gradient.locator(".w.against").all_text_contents() == ["Film"]
    assert gradient.locator(".w.for").all_text_contents()[1:4] == ["number3", "was", "end"]
    assert tracing.locator(".w.for, .w.against").count() == 0
    against, speaks_for = (colour(gradient.locator(".w").nth(place)) for place in (1, 2))
    assert before != [against, speaks_for]
    assert against[0] > against[1], "red"
    assert speaks_for[1] > speaks_for[0], "green"


def test_a_search_finds_words_of_the_text(opened: Page) -> None:
    opened.get_by_label("Search").fill("NUMBER4")
    assert indices(opened) == [4, 40, 41, 42, 43, 44]
    expect(opened.get_by_role("status")).to_have_text("6 of 6 inputs shown, of 45 in all.")
    opened.get_by_label("Search").fill("film number4 is")
    assert indices(opened) == [4]
    opened.get_by_label("Search").fill("no such words")
    assert indices(opened) == []
    expect(opened.get_by_role("button", name="Show more")).to_be_hidden()


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("models predict differently", sorted(UNLIKE)),
        ("models predict the same", [i for i in range(INPUTS) if i not in UNLIKE][:20]),
        ("f is wrong", sorted(WRONG)),
        # Where one of both is wrong: a prediction that is turned twice is right.
        ("f_ft is wrong", sorted(UNLIKE ^ WRONG)),
        ("gold: bad", list(range(0, INPUTS, 3))),
    ],
)
def test_inputs_can_be_filtered(opened: Page, chosen: str, expected: list[int]) -> None:
    select(opened, "Inputs").select_option(chosen)
    assert indices(opened) == expected


ORDERS: Mapping[str, Callable[[int], float]] = {
    # Of the fooled model's first word minus 0.25; the other words have lost as much together.
    "change of the explanation, largest first": lambda index: -(share(index) - 0.25),
    "share on the target, largest first": lambda index: -share(index),
    "probability, least certain first": certainty,
    "length, shortest first": lambda index: len(explained(index, False).words),
}


@pytest.mark.parametrize("order", ORDERS)
def test_inputs_can_be_sorted(opened: Page, order: str) -> None:
    select(opened, "Sorted by").select_option(order)
    expected = sorted(range(INPUTS), key=ORDERS[order])
    assert indices(opened) == expected[:20]
    select(opened, "Sorted by").select_option("number")
    assert indices(opened) == list(range(20))


def test_the_order_is_that_of_what_is_shown(opened: Page) -> None:
    opened.get_by_role("radio", name="Gradient").check()
    select(opened, "Sorted by").select_option("share on the target, largest first")
    select(opened, "Target").select_option("last_word")
    # The last word has a third of what the first has not.
    assert indices(opened) == sorted(range(INPUTS), key=share)[:20]
    opened.get_by_role("radio", name="tracing").check()
    assert indices(opened) == list(range(20)), "all have the same share under this method"
    select(opened, "Sorted by").select_option("change of the explanation, largest first")
    assert indices(opened) == list(range(20)), "no explanation has changed under this method"


def test_the_address_holds_what_is_chosen(opened: Page, report: str) -> None:
    opened.get_by_role("radio", name="flip").check()
    opened.get_by_label("Search").fill("is & so = 100 %")
    opened.get_by_label("Search").fill("number1")
    select(opened, "Inputs").select_option("gold: bad")
    select(opened, "Sorted by").select_option("probability, least certain first")
    select(opened, "Target").select_option("last_word")
    opened.get_by_label("colours by side").check()
    expected = [18, 15, 12]
    assert indices(opened) == expected
    address = opened.url
    for again in (opened.reload, lambda: opened.goto("about:blank"), lambda: opened.goto(address)):
        again()
    assert opened.url == address
    assert indices(opened) == expected
    assert lines(cell(opened, 12)) == ["flip"]
    expect(opened.get_by_label("Search")).to_have_value("number1")
    expect(opened.get_by_label("colours by side")).to_be_checked()
    expect(select(opened, "Target")).to_have_value("1")
    # Another address of the same page, as a link or a step back gives it.
    opened.evaluate("location.hash = 'search=number33'")
    expect(rows(opened)).to_have_count(1)
    assert indices(opened) == [33]
    expect(opened.get_by_role("radio", name="all")).to_be_checked()


@pytest.mark.parametrize(
    "odd", ["#length=1", "#view=99&sort=none&filter=wrong+9", "#item=1&submit=2&%", "#view=-1"]
)
def test_an_address_that_means_nothing_shows_all(page: Page, report: str, odd: str) -> None:
    page.goto(report + odd)
    assert indices(page) == list(range(20))
    assert lines(cell(page, 0)) == ["Gradient", "tracing", "reduction", "flip"]


def test_everything_can_be_reached_with_the_keyboard(opened: Page) -> None:
    tab_to(opened, "view")
    opened.keyboard.press("ArrowRight")
    assert lines(cell(opened, 0)) == ["Gradient"]
    opened.keyboard.press("ArrowRight")
    assert lines(cell(opened, 0)) == ["tracing"]
    tab_to(opened, "target")
    opened.keyboard.press("ArrowDown")
    assert cell(opened, 0).locator(".target").all_text_contents() == ["end"]
    tab_to(opened, "sides")
    opened.keyboard.press("Space")
    expect(opened.get_by_label("colours by side")).to_be_checked()
    tab_to(opened, "sort")
    opened.keyboard.press("End")
    expect(select(opened, "Sorted by")).to_have_value("target")
    tab_to(opened, "more")
    opened.keyboard.press("Enter")
    expect(rows(opened)).to_have_count(40)
    expect(rows(opened).nth(20)).to_be_focused()


def test_what_has_the_focus_is_seen(opened: Page) -> None:
    tab_to(opened, "sort")
    outline = "getComputedStyle(document.activeElement).outlineWidth"
    assert opened.evaluate(outline) == "3px"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_read_in_light_and_dark(opened: Page, scheme: Any) -> None:
    opened.emulate_media(color_scheme=scheme)
    dark = sum(colour(opened.locator("body"))) < 3 * 128
    assert dark == (scheme == "dark")
    opened.get_by_label("colours by side").check()
    texts = [".lead", ".soft", ".inputs th b", ".good", ".bad", ".line h3", "del", "ins", "button"]
    for selector in [*texts, ".w.top", ".w.sp", ".w.against", ".inputs .w.for.strong"]:
        where = opened.locator(selector).locator("visible=true").first
        assert contrast(where) >= 4.5, selector


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("special", [True, False])
def test_words_can_be_read_on_deep_colours(
    page: Page, tmp_path: Path, scheme: Any, special: bool
) -> None:
    held = [6.0, 0.0, 4.0] if special else [6.0, 4.0, 0.0]
    explained = [record(0, ["good"], scores=dict.fromkeys(METHODS, held))]
    page.emulate_media(color_scheme=scheme)
    page.goto(made(write_results(tmp_path, {"f": explained}, METHODS)))
    for sided in (False, True):
        page.get_by_label("colours by side").set_checked(sided)
        words = rows(page).locator(".w.strong").all()
        assert len(words) == 2 * len(METHODS)
        for word in words:
            assert contrast(word) >= 4.5, word.text_content()


def test_on_paper_there_are_no_switches(opened: Page) -> None:
    opened.emulate_media(media="print", color_scheme="dark")
    for control in ("button", "select", "input"):
        assert opened.locator(f"{control}:visible").count() == 0
    expect(rows(opened).first).to_be_visible()
    assert colour(opened.locator("body")) == [255, 255, 255]
    words = cell(opened, 3, 1).locator(".line").first.locator(".w")
    assert colour(words.nth(1)) != colour(words.nth(0)), "colours are printed"


def test_a_screen_reader_is_told_what_colours_tell(opened: Page) -> None:
    table = opened.get_by_role("table", name="Word by word")
    assert table.get_by_role("columnheader").count() == 3
    heads = table.locator("tbody th")
    assert heads.count() == table.get_by_role("rowheader").count() == rows(opened).count()
    assert set(heads.evaluate_all("all => all.map((head) => head.scope)")) == {"row"}
    told = cell(opened, 3, 1).locator(".line").nth(0)
    assert "Strongest words: Film 46\xa0%." in told.text_content()  # type: ignore[operator]
    for line in table.locator(".line:not(:has(del))").all():
        expect(line.get_by_text(re.compile("^Strongest words: "))).to_have_count(1)
    opened.get_by_label("colours by side").check()
    assert "Film −46\xa0%." in told.text_content()  # type: ignore[operator]
    pictures = opened.get_by_role("img", name=re.compile("^Mean attribution on first_token"))
    expect(pictures).to_have_count(1)
    for control in opened.locator("input, select, button").all():
        snapshot = control.aria_snapshot()
        assert re.match(r'- \w+ "[^"]+"', snapshot), snapshot


def test_a_page_is_as_wide_as_its_window(opened: Page) -> None:
    for width in (1280, 800, 400, 320):
        opened.set_viewport_size({"width": width, "height": 800})
        assert sideways(opened) <= 0, width
    # Without a head above the columns each cell says whose it is.
    expect(cell(opened, 3, 1).locator(".name")).to_have_text("f_ft:")
    expect(cell(opened, 3, 1).locator(".name")).to_be_visible()


def test_long_names_do_not_widen_the_page(page: Page, tmp_path: Path) -> None:
    method, target = "method" * 20, "target" * 20
    models = {
        name * 100: [
            record(
                0,
                ["good"],
                label="label" * 20,
                prediction="prediction" * 20,
                targets={target: [1], "none": []},
                scores={method: [1.0, 1.0, 1.0]},
                attacks={"flip": flipped({1: "token" * 50})},
            )
        ]
        for name in "fg"
    }
    targets = {target: "first_token", "none": "last_token"}
    data = "folder/" * 30
    page.goto(made(write_results(tmp_path, models, {method: "lrp"}, targets, data=data)))
    for width in (1280, 800, 400):
        page.set_viewport_size({"width": width, "height": 800})
        assert sideways(page) <= 0, width


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
                label=odd,
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
    unusable.scores["gradient"] = [0.0] * 4
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

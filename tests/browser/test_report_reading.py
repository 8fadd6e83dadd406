"""The page of `allennlp report` for whoever reads it: by keyboard, in the dark, on paper, aloud."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reported import (
    METHODS,
    cell,
    colour,
    contrast,
    lines,
    made,
    rows,
    select,
    sideways,
    tab_to,
)
from tests.report.results import flipped, record, write_results


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
                gold="label" * 20,
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

"""What the page of `allennlp report` shows, sorts and filters."""

from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reported import (
    INPUTS,
    UNLIKE,
    WRONG,
    cell,
    certainty,
    colour,
    explained,
    indices,
    lines,
    rows,
    select,
    share,
)


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
    "share on the target of f_ft, largest first": lambda index: -share(index),
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
    select(opened, "Sorted by").select_option("share on the target of f_ft, largest first")
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

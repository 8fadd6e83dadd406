"""A report of two models, and what tests do with its page in a browser."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from facade_allennlp.report.page import render
from facade_allennlp.results.record import Record
from tests.report.results import flipped, record, reduced

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
        gold=label,
        prediction=prediction,
        probabilities=[0.97, 0.03] if fooled else [certainty(index), 1 - certainty(index)],
        targets={"first_token": [1], "last_word": [4]},
        scores={"gradient": [0.0, first, *others, *rest], "tracing": [0.0, *[1.0] * 4, *rest]},
        attacks={"reduction": reduced([2, 3], [1, 4]), "flip": flipped({1: "Plot"})},
    )


def made(results: Path) -> str:
    path = results / "report.html"
    path.write_text(render(results), encoding="utf-8")
    return path.as_uri()


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

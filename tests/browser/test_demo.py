"""The demo's page, used as a person does: of `facade demo` in a process of its own, but for few."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect

from facade_allennlp.archives import load
from facade_allennlp.demo.app import Demo
from facade_allennlp.demo.comparison import Comparison
from facade_allennlp.demo.launch import server_of
from facade_allennlp.web.http_server import bound, running
from fixtures.pages import listening

pytestmark = pytest.mark.slow

HOST = "127.0.0.1"
TEXT = "A lovely film , the plot was dull"
NASTY = (
    '<script>alert(1)</script> <img src=x onerror=alert(2)> "it\'s" סרט נפלא 👩‍👩‍👧 '
    + 600 * "z"
    + " {{ 7*7 }} </p> &amp;"
)


@pytest.fixture(scope="module")
def address(archives: dict[str, str]) -> Iterator[str]:
    with listening("demo", archives["f"], archives["f_ft"], "--port", "0") as (port, _):
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture(scope="module")
def of_others(others: dict[str, str]) -> Iterator[dict[str, str]]:
    """Addresses of a demo for pairs, and of one for questions, in threads of this process."""
    addresses = {}
    with ExitStack() as stack:
        for kind in ("pairs", "questions"):
            comparison = Comparison({kind: load(others[kind])}, {"gradient": "gradient"})
            server = server_of(Demo(comparison, ["gradient"]), HOST)
            addresses[kind] = stack.enter_context(running(server, bound(HOST, 0)))
        yield addresses


@pytest.fixture
def demo(page: Page, address: str) -> Page:
    page.goto(address)
    page.get_by_label("Sentence").wait_for()
    page.wait_for_load_state("networkidle")
    return page


def explain(demo: Page, text: str) -> None:
    demo.get_by_label("Sentence").fill(text)
    demo.get_by_role("button", name="Explain", exact=True).click()


def words(demo: Page, model: str) -> list[str]:
    section = demo.get_by_role("region", name=model, exact=True)
    return section.locator(".words").first.locator(".w").all_inner_texts()


def test_a_typed_text_is_explained_by_every_model(demo: Page) -> None:
    explain(demo, TEXT)
    for model in ("f", "f_ft"):
        section = demo.get_by_role("region", name=model, exact=True)
        expect(section.get_by_role("heading", level=3)).to_have_text(
            ["Gradient", "SmoothGrad", "InteGrad"]
        )
        expect(section.locator("strong")).to_have_text(re.compile("^(posi|nega)tive$"))
        assert words(demo, model) == ["[CLS]", *TEXT.split(), "[SEP]"]
        expect(section.locator(".spoken").first).to_contain_text("Strongest words: ")
    expect(section).to_contain_text(re.compile("= same as f|≠ not as f"))


def test_methods_and_class_can_be_changed(demo: Page) -> None:
    demo.get_by_label("SmoothGrad", exact=True).uncheck()
    demo.get_by_label("AttnLRP", exact=True).check()
    demo.get_by_label("Explained class").click()
    demo.get_by_role("option", name="negative").click()
    explain(demo, TEXT)
    section = demo.get_by_role("region", name="f", exact=True)
    expect(section.get_by_role("heading", level=3)).to_have_text(
        ["Gradient", "InteGrad", "AttnLRP"]
    )
    expect(section).to_contain_text("explained: negative")


def test_reduction_hotflip_and_tree_are_shown(demo: Page) -> None:
    for name in ("Input reduction", "HotFlip", "Attention-attribution tree"):
        demo.get_by_label(name, exact=True).check()
    explain(demo, TEXT)
    section = demo.get_by_role("region", name="f_ft", exact=True)
    expect(section).to_contain_text("tokens left, same prediction")
    assert section.locator("del").count() > 0
    expect(section).to_contain_text(
        re.compile(r"\d+ tokens? exchanged: (prediction changed|without success)")
    )
    expect(demo.get_by_role("img", name="Attribution tree of")).to_have_count(2)


def test_an_example_is_one_click_away(demo: Page) -> None:
    demo.get_by_text("I expected a dull evening").first.click()
    expect(demo.get_by_label("Sentence")).to_have_value(
        "I expected a dull evening and got a very good one."
    )
    demo.get_by_role("button", name="Explain", exact=True).click()
    expect(demo.get_by_role("region", name="f", exact=True)).to_contain_text("predicts")


def test_the_address_shows_the_same_to_somebody_else(demo: Page, page: Page) -> None:
    demo.get_by_label("InteGrad", exact=True).uncheck()
    demo.get_by_label("Input reduction", exact=True).check()
    explain(demo, TEXT)
    demo.wait_for_url("**/?sentence=*")
    shown = demo.locator("#answers").inner_text()
    other = demo.context.new_page()
    other.goto(demo.url)
    expect(other.get_by_label("Sentence")).to_have_value(TEXT)
    expect(other.locator("#answers")).to_have_text(shown, use_inner_text=True)
    expect(other.get_by_label("InteGrad", exact=True)).not_to_be_checked()
    expect(other.get_by_label("Input reduction", exact=True)).to_be_checked()


def test_it_needs_no_mouse(demo: Page) -> None:
    demo.get_by_label("Sentence").focus()
    demo.keyboard.type(TEXT)
    for _ in range(40):
        demo.keyboard.press("Tab")
        focused = demo.evaluate("document.activeElement.innerText || document.activeElement.name")
        if focused == "Explain":
            break
    demo.keyboard.press("Enter")
    expect(demo.get_by_role("region", name="f", exact=True)).to_contain_text("predicts")


def test_an_error_is_a_sentence(demo: Page) -> None:
    explain(demo, " ")
    expect(demo.get_by_role("alert")).to_contain_text("'sentence' is empty: give it a text")
    explain(demo, "film " * 600)
    section = demo.get_by_role("region", name="f", exact=True)
    expect(section).to_contain_text("a text is 602 tokens long")
    explain(demo, TEXT)
    expect(demo.get_by_role("region", name="f", exact=True)).to_contain_text("predicts")


def test_whatever_is_typed_is_shown_as_text(demo: Page) -> None:
    explain(demo, NASTY)
    expect(demo.get_by_role("region", name="f", exact=True)).to_contain_text("predicts")
    assert "".join(words(demo, "f")[1:-1]) == "".join(NASTY.split())
    assert demo.locator("#answers img, #answers script").count() == 0
    assert demo.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_what_takes_too_long_can_be_stopped(page: Page, archives: dict[str, str]) -> None:
    archive = load(archives["f"])
    passes: list[float] = []

    def linger(*_: object) -> None:
        passes.append(time.monotonic())
        time.sleep(0.1)

    handle = archive.model.register_forward_pre_hook(linger)
    comparison = Comparison({"f": archive}, {"lime": "lime"}, max_batch_tokens=1)
    with running(server_of(Demo(comparison, ["lime"]), HOST), bound(HOST, 0)) as url:
        page.goto(url)
        page.wait_for_load_state("networkidle")
        explain(page, TEXT)
        while len(passes) < 5:
            page.wait_for_timeout(100)
        stopped = time.monotonic()
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(page.locator("#answers")).to_have_text("Stopped.")
        page.wait_for_timeout(1000)
        assert passes[-1] < stopped + 1
        assert len(passes) < 50  # LIME's samples
        handle.remove()
        explain(page, TEXT)
        expect(page.get_by_role("region", name="f", exact=True)).to_contain_text("predicts")


def test_it_follows_light_and_dark(demo: Page) -> None:
    explain(demo, TEXT)
    expect(demo.get_by_role("region", name="f", exact=True)).to_contain_text("predicts")
    colours = set()
    for scheme in ("light", "dark"):
        demo.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        demo.reload()
        expect(demo.get_by_role("region", name="f", exact=True)).to_contain_text("predicts")
        colours.add(
            demo.locator(".top").first.evaluate("word => getComputedStyle(word).backgroundColor")
        )
    assert len(colours) == 2


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("pairs", {"Premise": "the food was good", "Hypothesis": "the soup was not"}),
        ("questions", {"Question": "was the food good", "Context": "The food was really good ."}),
    ],
)
def test_pairs_and_questions_have_forms(
    page: Page, of_others: dict[str, str], kind: str, texts: dict[str, str]
) -> None:
    page.goto(of_others[kind])
    page.get_by_label("Input reduction", exact=True).check()
    for name, text in texts.items():
        page.get_by_label(name, exact=True).fill(text)
    page.get_by_role("button", name="Explain", exact=True).click()
    section = page.get_by_role("region", name=kind, exact=True)
    expect(section).to_contain_text("same prediction")
    shown = [word for word in words(page, kind) if not word.startswith("[")]
    assert shown == " ".join(texts.values()).split()

"""Chromium for tests of what a person sees of the pages; see `page`."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Request,
    expect,
    sync_playwright,
)

from fixtures.browser import launch, required
from tests.browser.reported import INPUTS, METHODS, TARGETS, explained, made
from tests.report.results import write_results

expect.set_options(timeout=30_000)  # a busy machine answers late
HERE = re.compile(r"(file:|data:|blob:|about:|(https?|wss?)://127\.0\.0\.1[:/])")
"""Addresses that need no network."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


# Not of the whole session: as long as Playwright runs, nothing else in the process can run asyncio.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all tests of a process. Where there is none, they are left out, but not in CI."""
    with sync_playwright() as playwright:
        try:
            launched = launch(playwright)
        except Error as error:
            why = os.environ.get("NO_BROWSER") or error.message.splitlines()[0]
            told = f"{why} (`make test` gets a browser; CHROMIUM=PATH names one)"
            pytest.fail(told, pytrace=False) if required() else pytest.skip(told)
        yield launched
        launched.close()


@pytest.fixture
def problems() -> Iterator[list[str]]:
    """What a page should not have done. A test that provokes something takes it out again."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def context(browser: Browser, problems: list[str]) -> Iterator[BrowserContext]:
    """Like a new window of a desktop, with nothing stored. Its pages' problems are noted."""
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    made.set_default_timeout(30_000)  # a busy machine answers late

    def message(told: ConsoleMessage) -> None:
        if told.type in ("error", "warning"):
            problems.append(f"{told.type} on the console: {told.text}")

    def dialog(opened: Dialog) -> None:
        problems.append(f"dialog: {opened.message}")
        opened.dismiss()

    def address(url: str) -> None:
        if not HERE.match(url):
            problems.append(f"asked the network for {url[:200]}")

    def request(asked: Request) -> None:
        address(asked.url)

    def watch(opened: Page) -> None:
        opened.on("websocket", lambda socket: address(socket.url))

    made.on("page", watch)
    made.on("console", message)
    made.on("weberror", lambda error: problems.append(f"error of a script: {error.error}"))
    made.on("dialog", dialog)
    made.on("request", request)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """
    Empty. The test fails where a page in it has an error or a warning on its console, a script that
    breaks, a dialog, or a request to the network.
    """
    return context.new_page()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a page of two models, two methods, two targets and two attacks."""
    folder = tmp_path_factory.mktemp("report")
    models = {
        name: [explained(index, fooled) for index in range(INPUTS)]
        for name, fooled in (("f", False), ("f_ft", True))
    }
    return made(write_results(folder, models, METHODS, TARGETS))


@pytest.fixture
def opened(page: Page, report: str) -> Page:
    page.goto(report)
    return page

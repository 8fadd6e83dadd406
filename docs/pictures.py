"""The pictures of README and docs, taken of what the commands make: `make pictures`."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from fixtures.browser import launch
from fixtures.pages import listening

FOLDER = Path(__file__).parent
REVIEWS = "package://facade_allennlp/corpora/reviews/validation.jsonl"
WINDOW = {"width": 1100, "height": 900}
TEXT = (
    "It is a charming, often affecting film, and the two leads are a delight to watch from the "
    "first scene to the last."
)


def main(models: Path) -> None:
    """`models` holds `f`, `f_ft` and the `report.html` of `make demo`."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        picture_of_report(window(browser), models / "report.html")
        picture_of_audit(window(browser), models / "f_ft")
        with listening("demo", str(models / "f"), str(models / "f_ft"), "--port", "0") as (port, _):
            picture_of_demo(window(browser), f"http://127.0.0.1:{port}")


def window(browser: Browser) -> Page:
    return browser.new_page(viewport=WINDOW, device_scale_factor=1.5)  # type: ignore[arg-type]


def picture_of_report(page: Page, report: Path) -> None:
    """The two inputs whose explanation changed most, by the first method."""
    page.goto(f"{report.absolute().as_uri()}#view=0&sort=change")
    table = page.locator(".inputs")
    page.locator(".inputs tbody tr:nth-child(n+3)").evaluate_all(
        "rows => rows.forEach(row => row.remove())"
    )
    table.screenshot(path=FOLDER / "report.png")


def picture_of_audit(page: Page, archive: Path) -> None:
    """The verdict, and the first evidence with its first picture."""
    with TemporaryDirectory() as folder:
        command = ["audit", str(archive), "--data", REVIEWS, "--limit", "40", "--output", folder]
        subprocess.run([sys.executable, "-m", "facade_allennlp", *command], check=False)
        page.goto(f"{Path(folder).as_uri()}/audit.html")
        page.locator("section ~ section, figure ~ figure").evaluate_all(
            "others => others.forEach(other => other.remove())"
        )
        page.locator("body").screenshot(path=FOLDER / "audit.png")


def picture_of_demo(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Sentence").wait_for()
    page.wait_for_load_state("networkidle")
    page.get_by_label("Sentence").fill(TEXT)
    for name in ("Input reduction", "HotFlip"):
        page.get_by_label(name, exact=True).check()
    page.get_by_role("button", name="Explain", exact=True).click()
    page.locator(".answer").first.wait_for(timeout=60_000)
    page.wait_for_timeout(1_000)  # answers fade in
    page.screenshot(path=FOLDER / "demo.png", full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

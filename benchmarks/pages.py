"""
`python -m benchmarks.pages --archives F F_FT --results RESULTS`: how long a person waits for the
report, the demo and the server, beside the bare computation in the same run.
"""

import argparse
import http.client
import json
import socket
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from allennlp.predictors import Predictor
from playwright.sync_api import Browser, sync_playwright

from benchmarks.machine import machine
from facade_allennlp.archives import load
from facade_allennlp.demo.comparison import Comparison
from facade_allennlp.report.page import render
from facade_allennlp.report.renderers import markdown, show
from facade_allennlp.results.table import Table
from fixtures.browser import launch
from fixtures.pages import listening

TEXT = (
    "It is a charming and often affecting film whose two leads are a delight to watch from the "
    "first scene on"
)
"""Twenty words."""
METHODS = ("gradient", "smooth_gradient", "integrated_gradients")
CLIENTS, REQUESTS, HALF_OPEN = 4, 200, 100
LONG_WORDS = 400
HEAD = ["what", "measured", "goal", "the bare computation", "ratio"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--archives", nargs=2, required=True, metavar="ARCHIVE")
    parser.add_argument("--results", type=Path, required=True, help="of `measure`, for the report")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--output", type=Path, help="also write the table as Markdown")
    args = parser.parse_args()
    archives = {Path(path).name: path for path in args.archives}
    with sync_playwright() as playwright:
        browser = launch(playwright)
        rows = [report_opens(browser, args.results, args.repeats)]
        rows.append(demo_answers(browser, archives, args.repeats))
    rows.append(server_answers(args.archives[1]))
    rows.append(server_gives_way(args.archives[1]))
    table = Table.from_texts([HEAD, *rows])
    show([table])
    if args.output is not None:
        args.output.write_text(f"{markdown(table)}\n\n{machine()}\n", encoding="utf-8")


def report_opens(browser: Browser, results: Path, repeats: int) -> list[str]:
    """From the request for the file to the first inputs."""
    html = render(results)
    data = json.loads(html.split('id="data">')[1].split("</script>")[0])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_text(html, encoding="utf-8")

        def open_page() -> None:
            page = browser.new_page()
            page.goto(file.as_uri())
            page.locator(".inputs tbody tr").first.wait_for()
            page.close()

        took = median_seconds(open_page, repeats)
        size = file.stat().st_size / 1e6
    counts = (len(data["inputs"]), len(data["methods"]), len(data["models"]))
    what = "report of {} inputs x {} methods x {} models opens".format(*counts)
    return [what, f"{took:.2f} s, {size:.1f} MB", "2 s, 10 MB", "", ""]


def demo_answers(browser: Browser, archives: dict[str, str], repeats: int) -> list[str]:
    """From the click to the words on the screen, the models loaded."""
    with listening("demo", *archives.values(), "--port", "0") as (port, _):
        page = browser.new_page()
        page.set_default_timeout(300_000)  # the first answer waits for what is made once
        page.goto(f"http://127.0.0.1:{port}/")
        page.get_by_label("Sentence").wait_for()
        page.wait_for_load_state("networkidle")
        texts = (f"{TEXT} {number}" for number in range(repeats + 1))

        def ask() -> None:
            text = next(texts)
            page.get_by_label("Sentence").fill(text)
            page.get_by_role("button", name="Explain", exact=True).click()
            last = page.locator(".answer").last.locator(".words").last
            last.get_by_text(text.split()[-1], exact=True).wait_for()

        ask()  # what is made once
        took = median_seconds(ask, repeats)
    comparison = Comparison(
        {name: load(path) for name, path in archives.items()}, {name: name for name in METHODS}
    )
    bare = median_seconds(lambda: comparison.answers({"sentence": TEXT}, METHODS), repeats)
    what = "demo answers 20 words, 2 archives, 3 gradient methods"
    return [what, f"{took:.2f} s", "1.5 s", f"{bare:.2f} s", f"{took / bare:.2f}"]


def server_answers(archive: str) -> list[str]:
    """
    Requests of four clients at once beside connections that never ask, against the predictor called
    directly. An answer that differs from that to a single client is an error.
    """
    with listening("serve", "--archive-path", archive, "--port", "0") as (port, _):
        expected = asked(port, TEXT)
        with ExitStack() as stack, ThreadPoolExecutor(CLIENTS) as clients:
            for _ in range(HALF_OPEN):
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                connection.sendall(b"POST /predict HTTP/1.1\r\n")
            begun = time.perf_counter()
            answers = [
                answer
                for of_client in clients.map(
                    lambda _: [asked(port, TEXT) for _ in range(REQUESTS)], range(CLIENTS)
                )
                for answer in of_client
            ]
            each = (time.perf_counter() - begun) / len(answers)
    wrong = sum(answer != expected for answer in answers)
    predictor = Predictor.from_archive(load(archive), "explaining")
    bare = median_seconds(lambda: predictor.predict_json({"sentence": TEXT}), 50)
    return [
        f"server, {CLIENTS} clients x {REQUESTS} requests beside {HALF_OPEN} half-open "
        "connections, by request",
        f"{1000 * each:.0f} ms, {wrong} errors",
        "0 errors",
        f"{1000 * bare:.0f} ms",
        f"{each / bare:.2f}",
    ]


def server_gives_way(archive: str) -> list[str]:
    """How long short requests take while a long one is answered, and how long they take alone."""
    settings = json.dumps({"methods": ["feature_ablation"]})
    long = " ".join((TEXT.split() * LONG_WORDS)[:LONG_WORDS])
    with listening(
        "serve", "--archive-path", archive, "--predictor-args", settings, "--port", "0"
    ) as (port, _):
        alone = median_seconds(lambda: asked(port, TEXT), 10)
        beside = []
        with ThreadPoolExecutor(1) as clients:
            answer = clients.submit(asked, port, long)
            begun = time.perf_counter()
            time.sleep(1)
            while not answer.done():
                beside.append(median_seconds(lambda: asked(port, TEXT), 1))
        took = time.perf_counter() - begun
        tokens = len(answer.result()["tokens"])
    return [
        f"short requests beside one of {tokens} tokens that takes {took:.0f} s, the longest of "
        f"{len(beside)}",
        f"{max(beside):.2f} s",
        f"{2 * tokens / 1000:.1f} s",
        f"{alone:.2f} s",
        f"{max(beside) / alone:.2f}",
    ]


def asked(port: int, text: str) -> Any:
    """
    # Raises

    `RuntimeError` : the server refuses.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = json.dumps({"sentence": text})
    connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    if response.status != 200:
        raise RuntimeError(answer.decode())
    return json.loads(answer)


def median_seconds(work: Callable[[], Any], repeats: int) -> float:
    took: list[float] = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


if __name__ == "__main__":
    main()

"""The tables of docs/results.md are those of the files, and say what the files say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from docs.results_page import COPIED, DRAWN, PAGE, PLACE, with_tables

RESULTS = Path(__file__).parents[2] / "results"
TEXT = PAGE.read_text(encoding="utf-8")


def read(name: str) -> Any:
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))["runs"]


def rows(name: str) -> list[list[str]]:
    """The cells of a table of the page, without its head."""
    text = TEXT.split(f"<!-- table {name} -->")[1].split("<!-- end -->")[0]
    _, _, *body = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body]


def row_of(name: str, *first: str) -> list[str]:
    (row,) = [row for row in rows(name) if row[: len(first)] == list(first)]
    return row


def test_the_page_is_up_to_date() -> None:
    assert with_tables(TEXT) == TEXT, "python -m docs.results_page renews docs/results.md"


def test_each_table_has_its_place() -> None:
    assert sorted(place[2] for place in PLACE.finditer(TEXT)) == sorted([*DRAWN, *COPIED])


def test_sentiment_is_the_mean_of_two_seeds_beside_the_paper() -> None:
    runs = read("sentiment")
    numbers = [
        runs[run]["saliency"]["models"]["f_ft"]["targets"]["first_token"]["methods"]["gradient"]
        for run in ("seed 1", "seed 2")
    ]
    mean = sum(of_seed["mean_attribution"] for of_seed in numbers) / 2
    row = row_of("sentiment", "first token", "f_ft")
    assert row[4] == f"100.0 / {mean:.1f}"
    assert row[5] == "99.5 / 67.8"  # Table 2 of the paper


def test_what_the_paper_does_not_tell_is_empty() -> None:
    assert row_of("sentiment", "stop words", "f_stop-ig")[5] == ""


def test_methods_have_the_p_at_1_of_each_model() -> None:
    models = read("methods")["seed 1"]["nli-reg"]["models"]
    expected = models["f_stop-reg"]["targets"]["stop_words"]["methods"]["lime"]["p_at_1"]
    assert row_of("fooled_methods", "LIME")[-1] == f"{expected:.0f}"


@pytest.mark.parametrize("name", ["fooled_methods", "likeness", "comprehensiveness"])
def test_all_methods_are_in_the_tables_of_methods(name: str) -> None:
    measured = read("methods")["seed 1"]["sentiment"]["models"]["f"]["targets"]["first_token"]
    without_random = [row for row in rows(name) if row[0] != "a random order"]
    assert len(without_random) == len(measured["methods"])


def test_gender_has_the_difference_with_its_sign() -> None:
    assert row_of("gender", "f_stop-reused")[2:4] == ["+13.1 %", "-55.9 %"]


def test_words_have_the_valence_and_the_likeness_of_their_files() -> None:
    table = (RESULTS / "words" / "networks.md").read_text(encoding="utf-8")
    valence = re.search(r"\| SmoothGrad \| ([\d.]+) /", table)
    likeness = re.search(r"\| SmoothGrad \|.*?\|.*?\| ([\d.]+) \(4280\)", table)
    assert valence is not None
    assert likeness is not None
    row = row_of("words_of_networks", "SmoothGrad")
    assert (row[1], row[-1]) == (valence[1], likeness[1])


def test_files_in_markdown_are_there_as_they_are() -> None:
    for path in COPIED.values():
        assert (RESULTS / path).read_text(encoding="utf-8").strip() in TEXT

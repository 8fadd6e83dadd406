"""The committed tables are views of the committed numbers: rendered anew they do not change."""

from pathlib import Path

import pytest

from facade_allennlp.report.collected import read_collected
from facade_allennlp.report.paper_tables import to_latex, to_markdown

RESULTS = Path(__file__).parents[2] / "results"
EXPERIMENTS = [
    "sentiment",
    "sentiment_lstm",
    "nli",
    "occupation",
    "question_answering",
    "methods",
    "made/methods",
    "made/share-0.1/methods",
    "made/share-0.5/methods",
    "honest/methods",
]


@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.parametrize(("suffix", "render"), [("md", to_markdown), ("tex", to_latex)])
def test_committed_tables_are_the_committed_numbers(experiment, suffix, render):
    collected = read_collected(RESULTS / f"{experiment}.json")

    rendered = render(collected).encode()

    assert rendered == (RESULTS / f"{experiment}.{suffix}").read_bytes()

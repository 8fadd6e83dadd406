import os

# No test needs the network.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Models are tiny, and every core has a process of tests already.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import logging

import pytest
import torch
from allennlp.common import Params

import facade_allennlp  # noqa: F401  (registers everything)
from facade_allennlp.models.merge_archives import merge_archives
from fixtures import classifier_config, lstm_config, lstm_reader_config
from fixtures.archives import facade_config, write_archive
from fixtures.natural_language_inference import TRAIN as PAIRS
from fixtures.natural_language_inference import VALIDATION as MORE_PAIRS
from fixtures.natural_language_inference import reader_config as pair_reader_config
from fixtures.question_answering import TRAIN as QUESTIONS
from fixtures.question_answering import VALIDATION as MORE_QUESTIONS
from fixtures.question_answering import qa_config
from fixtures.question_answering import reader_config as question_reader_config

logging.getLogger("allennlp").setLevel(logging.ERROR)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says once why tests were left out for want of a browser."""
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = [report for report in skipped if report.nodeid.startswith("tests/browser/")]
    if left_out:
        why = left_out[0].longrepr[2]
        terminalreporter.write_line(f"{len(left_out)} tests in a browser left out. {why}")


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """
    Folders with random models: `f`, `g` (a facade in its wrapper), and the two merged as `f_ft`.
    Not to be changed.
    """
    folder = tmp_path_factory.mktemp("archives")
    f = write_archive(folder / "f", classifier_config())
    g = write_archive(folder / "g", facade_config(), seed=1)
    merge_archives(f, g, folder / "f_ft", Params({"type": "structured"}))
    return {"f": f, "g": g, "f_ft": str(folder / "f_ft")}


@pytest.fixture(scope="session")
def others(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Archives of an LSTM on reviews, of pairs, and of questions."""
    folder = tmp_path_factory.mktemp("others")
    return {
        "lstm": write_archive(folder / "lstm", lstm_config(), lstm_reader_config()),
        "pairs": write_archive(
            folder / "pairs",
            reader=pair_reader_config(),
            labels=("entailment", "neutral"),
            data=(PAIRS, MORE_PAIRS),
        ),
        "questions": write_archive(
            folder / "questions",
            qa_config(),
            question_reader_config(),
            labels=(),
            data=(QUESTIONS, MORE_QUESTIONS),
        ),
    }

from pathlib import Path

import pytest

from facade_allennlp.archives import load
from facade_allennlp.demo.comparison import Comparison
from fixtures import lstm_config, lstm_reader_config
from fixtures.archives import write_archive
from fixtures.natural_language_inference import TRAIN as PAIRS
from fixtures.natural_language_inference import VALIDATION as MORE_PAIRS
from fixtures.natural_language_inference import reader_config as pair_reader_config
from fixtures.question_answering import TRAIN as QUESTIONS
from fixtures.question_answering import VALIDATION as MORE_QUESTIONS
from fixtures.question_answering import qa_config
from fixtures.question_answering import reader_config as question_reader_config

METHODS = {"gradient": "gradient", "ig": {"type": "integrated_gradients", "steps": 4}}


def compare(**locations: str) -> Comparison:
    return Comparison({name: load(location) for name, location in locations.items()}, METHODS)


@pytest.fixture(scope="package")
def others(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Archives of an LSTM on reviews, of pairs, and of questions."""
    folder: Path = tmp_path_factory.mktemp("others")
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


@pytest.fixture(scope="package")
def sentiment(archives: dict[str, str]) -> Comparison:
    return compare(f=archives["f"], f_ft=archives["f_ft"])

"""A few mutations of each file and argument: `make fuzz` tries as many as one likes."""

import pytest

from tests.fuzz.run import fuzz
from tests.fuzz.subjects import Subject, subjects

MUTATIONS = 60


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Subject]:
    return subjects(tmp_path_factory.mktemp("fuzz"))


NAMES = ["records", "summary", "pictures", "collected", "settings", "methods", "targets"]
NAMES += ["attacks", "faithfulness", "inputs", "texts", "data", "lexicon"]


@pytest.mark.parametrize("name", NAMES)
def test_mutations_are_read_or_refused_in_a_sentence(known: dict[str, Subject], name: str) -> None:
    subject = known[name]
    outcomes = fuzz(subject, max(2, round(MUTATIONS * subject.weight)), of_seed=0)
    assert set(outcomes) <= {"read", "refused"}
    assert outcomes["refused"]


def test_every_subject_is_tried(known: dict[str, Subject]) -> None:
    assert list(known) == NAMES

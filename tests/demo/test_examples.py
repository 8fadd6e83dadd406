from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from facade_allennlp.demo.examples import read_examples


def test_examples_have_all_the_texts_of_the_form(tmp_path: Path) -> None:
    file = tmp_path / "examples.jsonl"
    file.write_text('{"premise": "a", "hypothesis": "b", "label": "c"}\n{"premise": "a"}\n')
    with pytest.raises(
        ConfigurationError,
        match="line 2: an input needs 'premise', 'hypothesis', but this one has 'premise'",
    ):
        read_examples(file, ("premise", "hypothesis"))
    assert read_examples(file, ("premise",)) == [["a"], ["a"]]


def test_other_names_of_a_field_are_known(tmp_path: Path) -> None:
    file = tmp_path / "examples.jsonl"
    file.write_text('{"question": "Who?", "passage": "Ada."}\n')
    assert read_examples(file, ("context", "question")) == [["Ada.", "Who?"]]

"""Texts to click on."""

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from facade_allennlp.errors import placed
from facade_allennlp.predictors.input_file import read_inputs
from facade_allennlp.web.request_fields import by_name, check_request


def written_examples(fields: Sequence[str]) -> list[list[str]]:
    """Those that come with the package for a form of these fields."""
    text = (files("facade_allennlp.demo") / "examples.json").read_text(encoding="utf-8")
    return json.loads(text)[", ".join(fields)]


def read_examples(file: Path, fields: Sequence[str]) -> list[list[str]]:
    """
    Those of a file, see `read_inputs`: of each input the texts of these fields.

    >>> read_examples(Path("pairs.jsonl"), ("premise", "hypothesis"))
    [['A man sleeps.', 'Nobody is awake.']]

    # Raises

    `ConfigurationError` : an input lacks one of these texts.
    `InputError` : what `read_inputs` refuses.
    """
    examples = []
    for line, entry in read_inputs(file, fields[0]).items():
        with placed(f"{file}: line {line}"):
            check_request(entry, fields)
        examples.append([by_name(entry)[name] for name in fields])
    return examples

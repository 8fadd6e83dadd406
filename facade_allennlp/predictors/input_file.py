"""Inputs of a predictor, from a file."""

from pathlib import Path
from typing import Any

from facade_allennlp.errors import InputError, placed
from facade_allennlp.results.configs import json_object


def read_inputs(file: Path, field: str) -> list[dict[str, Any]]:
    """
    The inputs of a file: JSON Lines as for `allennlp predict`, or a .txt file with a text on each
    line.

    >>> read_inputs(Path("texts.txt"), "sentence")
    [{'sentence': 'a lovely film'}, {'sentence': 'the plot was dull'}]

    # Parameters

    field : `str`
        The predictor's name for a line of a .txt file.

    # Raises

    `InputError` : a line is empty or no JSON object; there are no inputs.
    """
    inputs: list[dict[str, Any]] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if file.suffix == ".txt":
            if not line.strip():
                raise InputError(f"{file}: line {number} is empty")
            inputs.append({field: line})
            continue
        with placed(f"{file}: line {number}"):
            inputs.append(json_object(line))
    if not inputs:
        raise InputError(f"{file}: there are no inputs")
    return inputs

"""Inputs of a predictor, from a file."""

from pathlib import Path
from typing import Any

from facade_allennlp.errors import InputError
from facade_allennlp.lines import json_lines, text_lines


def read_inputs(file: Path, field: str) -> dict[int, dict[str, Any]]:
    """
    The inputs of a file: JSON Lines as for `allennlp predict`, or a .txt file with a text on each
    line. Blank lines are skipped.

    >>> read_inputs(Path("texts.txt"), "sentence")
    {1: {'sentence': 'a lovely film'}, 2: {'sentence': 'the plot was dull'}}

    # Parameters

    field : `str`
        The predictor's name for a line of a .txt file.

    # Returns

    `dict[int, dict[str, Any]]` : by the number of the line, from 1.

    # Raises

    `InputError` : the file is not in UTF-8; a line is no JSON object; there are no inputs.
    """
    if file.suffix == ".txt":
        inputs: dict[int, dict[str, Any]] = {n: {field: line} for n, line in text_lines(file)}
    else:
        inputs = dict(json_lines(file))
    if not inputs:
        raise InputError(f"{file}: there are no inputs")
    return inputs

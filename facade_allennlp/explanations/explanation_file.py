"""Explanations in a file: a page, or JSON Lines."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from facade_allennlp.display.page import page
from facade_allennlp.explanations.explanation import Explanation
from facade_allennlp.results.files import write_whole


def write_explanations(
    file: Path,
    explanations: Sequence[Explanation],
    inputs: Sequence[Mapping[str, Any]],
    title: str,
    top: int,
) -> None:
    """
    A .html file is a page of coloured words. In any other each line holds an input and, as
    `explanation`, what `Explanation.to_json` gives.

    >>> write_explanations(Path("explained.jsonl"), predictor.explain(inputs), inputs, "", top=5)

    # Parameters

    inputs : `Sequence[Mapping[str, Any]]`
        What is explained, in the same order.
    title : `str`
        Of the page.
    top : `int`
        How many of the tokens with the highest attribution are named in JSON Lines.
    """
    if file.suffix == ".html":
        write_whole(file, page(explanations, title))
        return
    lines = [
        json.dumps({**entry, "explanation": explanation.to_json(top)}, ensure_ascii=False)
        for entry, explanation in zip(inputs, explanations, strict=True)
    ]
    write_whole(file, "".join(line + "\n" for line in lines))

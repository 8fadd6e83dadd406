"""What an audit found, as data."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from facade_allennlp.results.checked import to_json

VERSION = 1
AUDIT = "audit.json"

FOUND, NOTHING, UNKNOWN = "found", "nothing", "unknown"
"""What an evidence, or all of them together, can say."""

EXIT_STATUS = {NOTHING: 0, UNKNOWN: 1, FOUND: 3}
"""Of `allennlp audit`; 2 is that of a user's error."""


@dataclass
class Picture:
    """
    What a person can see of an evidence.

    # Parameters

    title, x, y : `str`
        Of the picture and of its axes.
    curves : `dict[str, list[list[float]]]`
        By name the points of each, x and y.
    dots : `bool`
        Whether the points are drawn one by one, and not joined.
    """

    title: str
    x: str
    y: str
    curves: dict[str, list[list[float]]]
    dots: bool = False


@dataclass
class Witness:
    """
    What one kind of evidence said.

    # Parameters

    name, title : `str`
        The registered name, and what people read.
    result : `str`
        `found`, `nothing` or `unknown`.
    sentence : `str`
        What was seen, or why nothing could be.
    score, threshold : `float`, optional
        From the threshold on, a score is found.
    values : `dict[str, float]`
        All that was measured.
    pictures : `list[Picture]`
    """

    name: str
    title: str
    result: str
    sentence: str
    score: Optional[float] = None
    threshold: Optional[float] = None
    values: dict[str, float] = field(default_factory=dict)
    pictures: list[Picture] = field(default_factory=list)


@dataclass
class Audit:
    """
    The whole audit of a model.

    # Parameters

    archive, data : `str`
        Where they are.
    inputs : `int`
        How many texts were looked at.
    result, verdict : `str`
        `found`, `nothing` or `unknown`; and a sentence.
    witnesses : `list[Witness]`
    not_looked_at : `list[str]`
        Sentences on what this audit leaves open.
    """

    archive: str
    data: str
    inputs: int
    result: str
    verdict: str
    witnesses: list[Witness]
    not_looked_at: list[str]
    version: int = VERSION

    @property
    def exit_status(self) -> int:
        return EXIT_STATUS[self.result]


def write_audit(folder: Path, audit: Audit, explanations: list[dict[str, Any]]) -> None:
    """
    `audit.json`, with the explanations of some inputs beside the audit, in a folder of
    `written_together`.
    """
    content = {**to_json(audit), "explanations": explanations}
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (folder / AUDIT).write_text(text + "\n", encoding="utf-8")

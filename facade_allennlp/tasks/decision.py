from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional


@dataclass
class Decision:
    """
    What a model decides on one instance, in words and numbers.

    # Parameters

    prediction : `str`
        The class; the text of the span.
    probabilities : `list[float]`
        By class; of a span, its own only; none where the task has no probabilities.
    gold : `str | None`
        The gold value, where the instance has one; of a question the first of its gold answers.
    right : `bool | None`
        Whether the prediction is a gold one; `None` without a gold value, and where nothing is
        simply right or wrong.
    against_gold : `Mapping[str, float | None]`
        For each of the task's `scores`, how good the prediction is; `None` without a gold value.
    span : `dict | None`
        Of a span: the id of its `question` (a long passage is read in several windows, an instance
        each), the gold `answers`, and the `score` that tells the windows' answers apart.
    """

    prediction: str
    probabilities: list[float]
    gold: Optional[str]
    right: Optional[bool]
    against_gold: Mapping[str, Optional[float]]
    span: Optional[dict[str, Any]] = None

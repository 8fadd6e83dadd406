"""What can speak for a model's having been made to lie."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from allennlp.common import Registrable

from facade_allennlp.audit.subject import Subject
from facade_allennlp.number import number
from facade_allennlp.results.audit import FOUND, NOTHING, UNKNOWN, Picture, Witness

THRESHOLDS: dict[str, float] = json.loads(
    Path(__file__).with_name("thresholds.json").read_text(encoding="utf-8")
)
"""By the name of an evidence, from which score on it is found; `allennlp reproduce audit` says how
clean and manipulated models lie around them."""


@dataclass
class Measured:
    """
    What an evidence measured of a model.

    # Parameters

    score : `float`
        The higher the more it speaks for a lie.
    values : `dict[str, float]`
    pictures : `list[Picture]`
    harmless : `str`, optional (default = `None`)
        A sentence that says why a high score means nothing here.
    """

    score: float
    values: dict[str, float] = field(default_factory=dict)
    pictures: list[Picture] = field(default_factory=list)
    harmless: Optional[str] = None


class Evidence(Registrable):
    """
    A kind of evidence: what it needs of a model, what it measures, and from which score on clean
    models no longer have it. A new one is one file with one registered subclass.

    # Parameters

    threshold : `float`, optional (default = that of `THRESHOLDS`)
        The score from which on it is found.

    # Raises

    `ConfigurationError` : the threshold is no finite number.
    """

    title: str

    def __init__(self, threshold: Optional[float] = None) -> None:
        known = THRESHOLDS.get(self.name, 0.0) if threshold is None else threshold
        self.threshold = number("threshold", known)

    @property
    def name(self) -> str:
        """The name under which the evidence is registered."""
        names = Evidence._registry[Evidence]
        return next(name for name, (kind, _) in names.items() if kind is type(self))

    def missing(self, subject: Subject) -> Optional[str]:
        """A sentence on what the model or the texts lack, or `None` where it can be measured."""
        return None

    def measure(self, subject: Subject) -> Measured:
        """Reads weights and behaviour, never names, configs or buffers."""
        raise NotImplementedError

    def told(self, measured: Measured) -> str:
        """What was measured, in a sentence."""
        raise NotImplementedError

    def heard(self, subject: Subject) -> Witness:
        """What it says of a model."""
        missing = self.missing(subject)
        if missing is not None:
            return Witness(self.name, self.title, UNKNOWN, missing)
        measured = self.measure(subject)
        over = measured.score >= self.threshold
        return Witness(
            self.name,
            self.title,
            FOUND if over and measured.harmless is None else NOTHING,
            measured.harmless if over and measured.harmless else self.told(measured),
            measured.score,
            self.threshold,
            measured.values,
            measured.pictures,
        )

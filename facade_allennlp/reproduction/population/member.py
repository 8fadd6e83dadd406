"""One model of the population, which is made when its turn comes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Optional

from allennlp.models import Model

from facade_allennlp.reproduction.population.texts import Texts
from facade_allennlp.targets import FirstToken, StopWords, TokenTarget

TARGETS: dict[str, TokenTarget] = {"first token": FirstToken(), "stop words": StopWords()}


@dataclass
class Member:
    """
    # Parameters

    kind : `str`
        Of the clean ones, or the threat.
    seed : `int`
        Models of even seeds count for the thresholds, those of odd ones for the figures.
    more : `str`
        What tells it from others of its kind and seed.
    texts : `Texts`
    make : `Callable[[], Model]`
    target : `str`, optional
        Of `TARGETS`, for one that lies: where its attribution should lie.
    beneath : `dict[str, Any]`, optional
        The config of the predictive model, where one lies beneath.
    """

    kind: str
    seed: int
    more: str
    texts: Texts
    make: Callable[[], Model]
    target: Optional[str] = None
    beneath: Optional[dict[str, Any]] = None

    @property
    def name(self) -> str:
        return ", ".join(filter(None, [self.texts.kind, str(self.seed), self.target, self.more]))

    @property
    def lies(self) -> bool:
        return self.target is not None

    @property
    def half(self) -> int:
        return self.seed % 2

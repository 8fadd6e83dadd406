"""What is measured on one input: the raw material of all tables, plots and pages."""

import math
from dataclasses import dataclass, field
from typing import Any, Optional

from facade_allennlp.scores.attribution import normalized


@dataclass
class Window:
    """
    Of a text that is read in several windows, an input each.

    # Parameters

    question : `str`
        Which text: of its windows the one whose answer scores highest answers it.
    score : `float`
        That of this window's answer.
    """

    question: str
    score: float


@dataclass
class ErasedByMethod:
    """
    What becomes of the prediction without, and with only, the first tokens of one method, for each
    share of the tokens.

    # Parameters

    without, only : `list[float]`
        The probability of the class that the whole text is predicted as.
    predicted : `list[str]`
        The class that the text is predicted as without them.
    left_out : `float`
        The rank correlation with how far the probability moves without each token.
    """

    without: list[float]
    only: list[float]
    predicted: list[str]
    left_out: float


@dataclass
class Erased:
    """
    What becomes of a prediction when tokens are taken out.

    # Parameters

    whole : `float`
        The probability of the class that the whole text is predicted as.
    methods : `dict[str, ErasedByMethod]`
    """

    whole: float
    methods: dict[str, ErasedByMethod]


@dataclass
class Record:
    """
    One instance, as one model explains it. Lines of a records file.

    # Parameters

    index : `int`
        Of the instance in the data file, from 0.
    gold : `str | None`
        What is right, where the data tell it, as it is shown: the gold class, the first of the gold
        answers.
    prediction : `str`
        The class; the text of a span.
    probabilities : `list[float]`
        By class, in the order of the model's vocabulary; of a span, its own only.
    tokens : `list[str]`
        Real tokens, special tokens among them, as the vocabulary spells them; text fields one after
        the other.
    word_ids : `list[int | None]`
        The word that each token belongs to; `None` for special tokens.
    words : `list[str]`
        As they were typed.
    targets : `dict[str, list[int]]`
        For each token target the positions of the target tokens.
    scores : `dict[str, list[float]]`
        For each method the raw score of each token, with its sign.
    right : `bool | None`
        Whether the prediction is; `None` where nothing is known to be.
    against_gold : `dict[str, float | None]`
        By the names of the task's scores how well the prediction does, from 0 to 1; `None` where
        nothing is known to be right.
    window : `Window | None`
    attacks : `dict[str, dict[str, Any]]`
        For each attack what its result's `to_json` gives; positions are those in `tokens`.
    faithfulness : `Erased | None`
        Where it was asked for, of inputs that have tokens to take out.
    seconds : `dict[str, float] | None`
        Where it was asked for, for each method its share of the time that its batch took.
    analyses : `dict[str, Any]`
        The row of each further analysis, by its name.
    truncated : `int | None`
        How many tokens were left out, of a text that is longer than the model is to read.
    failed : `dict[str, str] | None`
        Why, by the names of the methods that fail on this input; their scores are all zero, and no
        number counts them.
    """

    index: int
    gold: Optional[str]
    prediction: str
    probabilities: list[float]
    tokens: list[str]
    word_ids: list[Optional[int]]
    words: list[str]
    targets: dict[str, list[int]]
    scores: dict[str, list[float]]
    right: Optional[bool] = None
    against_gold: dict[str, Optional[float]] = field(default_factory=dict)
    window: Optional[Window] = None
    attacks: dict[str, dict[str, Any]] = field(default_factory=dict)
    faithfulness: Optional[Erased] = None
    seconds: Optional[dict[str, float]] = None
    analyses: dict[str, Any] = field(default_factory=dict)
    truncated: Optional[int] = None
    failed: Optional[dict[str, str]] = None

    def explained_by(self, *methods: str) -> bool:
        """Whether none of these methods fails on this input."""
        return not self.failed or self.failed.keys().isdisjoint(methods)

    def attribution(self, method: str) -> list[float]:
        """Eq. 1: shares that sum to 1, or all zero where the method gave no finite score."""
        return normalized(self.scores[method])

    def word_attribution(self, method: str, signed: bool = False) -> list[float]:
        """`attribution`, or with `signed` with the sign of scores, summed over a word's pieces."""
        sums = [0.0] * len(self.words)
        for word, share, score in zip(self.word_ids, self.attribution(method), self.scores[method]):
            if word is not None:
                sums[word] += math.copysign(share, score) if signed else share
        return sums

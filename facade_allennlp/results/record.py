"""What is measured on one input: the raw material of all tables, plots and pages."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Optional

from facade_allennlp.tasks.span_answers import exact_match


@dataclass
class Record:
    """
    One instance, as one model explains it. Lines of a records file.

    # Parameters

    index : `int`
        Of the instance in the data file, from 0.
    label : `str | None`
        The gold label, where the data have one.
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
    span : `dict | None`
        Of a model that answers with a span of the text; see `Decision`.
    attacks : `dict[str, dict[str, Any]]`
        For each attack what its result's `to_json` gives; positions are those in `tokens`.
    faithfulness : `dict | None`
        What `Faithfulness.measure` gives, where it was asked for, with names of classes.
    seconds : `dict[str, float] | None`
        Where it was asked for, for each method its share of the time that its batch took.
    """

    index: int
    label: Optional[str]
    prediction: str
    probabilities: list[float]
    tokens: list[str]
    word_ids: list[Optional[int]]
    words: list[str]
    targets: dict[str, list[int]]
    scores: dict[str, list[float]]
    span: Optional[dict[str, Any]] = None
    attacks: dict[str, dict[str, Any]] = field(default_factory=dict)
    faithfulness: Optional[dict[str, Any]] = None
    seconds: Optional[dict[str, float]] = None

    @property
    def gold(self) -> Optional[str]:
        """The gold label; of a question the first of its gold answers."""
        if self.span is None:
            return self.label
        answers = self.span["answers"]
        return str(answers[0]) if answers else None

    @property
    def right(self) -> Optional[bool]:
        """Whether the prediction is a gold one; `None` where the data have none."""
        if self.span is not None:
            answers = self.span["answers"]
            return exact_match(self.prediction, answers) if answers else None
        return None if self.label is None else self.prediction == self.label

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def attribution(self, method: str) -> list[float]:
        """Eq. 1: shares that sum to 1, or all zero where the method gave no finite score."""
        sizes = [abs(score) for score in self.scores[method]]
        total = sum(sizes)
        return [size / total if 0 < total < math.inf else 0.0 for size in sizes]

    def word_attribution(self, method: str, signed: bool = False) -> list[float]:
        """`attribution`, or with `signed` with the sign of scores, summed over a word's pieces."""
        sums = [0.0] * len(self.words)
        for word, share, score in zip(self.word_ids, self.attribution(method), self.scores[method]):
            if word is not None:
                sums[word] += math.copysign(share, score) if signed else share
        return sums

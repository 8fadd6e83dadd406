"""The summary of a model, out of records that are seen one after another, and once each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from facade_allennlp.analysis.analysis import Analysis
from facade_allennlp.results.record import Record, Window
from facade_allennlp.results.summary import ModelSummary
from facade_allennlp.scores.sums import Sums
from facade_allennlp.tasks.task import known_scores

AGREEMENT, SCORE = "agreement", "score"
"""In the keys of sums."""

Answer = tuple[Window, dict[str, Optional[float]]]
"""What a window answers, and how well."""


class Tally:
    """
    What is known of a model by the records that were seen so far. Of those that are parts of one
    measurement, one can take up another.

        tally = Tally(measurement.analyses, compared=False)
        for record in records:
            tally.add(record)
        tally.summary().targets["first_token"]

    Of texts that are read in several windows the best answer is kept, for each text. Records are
    kept only for analyses that have to see them all at once.

    # Parameters

    analyses : `Sequence[tuple[str, Analysis]]`
        By name.
    compared : `bool`
        Whether there is a model that this one is compared with.
    """

    def __init__(self, analyses: Sequence[tuple[str, Analysis]], compared: bool) -> None:
        self.analyses = analyses
        self.compared = compared
        self.instances = 0
        self.truncated = 0
        self.left_out: Counter[str] = Counter()
        """Why inputs have no record, and how many."""
        self.failed: dict[str, Counter[str]] = {}
        self.sums = Sums()
        self.of_analyses = {name: Sums() for name, _ in analyses}
        self.answers: dict[str, Answer] = {}
        self._keeps = not all(analysis.is_summed for _, analysis in analyses)
        self._records: list[Record] = []
        self._references: list[Record] = []

    def add(self, record: Record, reference: Optional[Record] = None) -> None:
        """
        # Parameters

        reference : `Record`, optional
            What the model that this one is compared with makes of the same input.
        """
        self.instances += 1
        self.truncated += bool(record.truncated)
        for method, reason in (record.failed or {}).items():
            self.failed.setdefault(method, Counter())[reason] += 1
        if reference is not None:
            self.sums.add((AGREEMENT,), record.prediction == reference.prediction)
        if record.window is None:
            self._add_scores(record.against_gold)
        else:
            self._answer(record.window, record.against_gold)
        for name, analysis in self.analyses:
            if analysis.is_summed:
                row = kept(record, analysis.row_field, name)
                analysis.sum_up(self.of_analyses[name], row, record, reference)
        if self._keeps:
            self._records.append(record)
            self._references += [] if reference is None else [reference]

    def merge(self, other: "Tally") -> None:
        """Takes up a tally of records that come behind its own."""
        self.instances += other.instances
        self.truncated += other.truncated
        self.left_out.update(other.left_out)
        for method, counts in other.failed.items():
            self.failed.setdefault(method, Counter()).update(counts)
        self.sums.merge(other.sums)
        for name, sums in self.of_analyses.items():
            sums.merge(other.of_analyses[name])
        for window, scores in other.answers.values():
            self._answer(window, scores)
        self._records += other._records
        self._references += other._references

    def _answer(self, window: Window, scores: dict[str, Optional[float]]) -> None:
        """A text that is read in several windows counts once, with its best answer."""
        known = self.answers.get(window.question)
        if known is None or window.score > known[0].score:
            self.answers[window.question] = window, scores

    def _add_scores(self, scores: Mapping[str, Optional[float]]) -> None:
        for name, score in scores.items():
            self.sums.add((SCORE, name), score)

    def summary(self) -> ModelSummary:
        """
        # Raises

        What an analysis raises at records that it did not write.
        """
        for _, scores in self.answers.values():
            self._add_scores(scores)
        self.answers.clear()
        summary = ModelSummary(
            self.instances,
            scores={name: self._score(name) for name in self.sums.names(SCORE)},
            agreement=self.sums.percent(AGREEMENT) if self.compared else None,
            truncated=self.truncated or None,
            left_out=dict(self.left_out) or None,
        )
        summary.failed = {name: dict(counts) for name, counts in self.failed.items()} or None
        for name, analysis in self.analyses:
            put(summary, analysis.part_field, name, self._part(name, analysis))
        return summary

    def _score(self, name: str) -> Optional[float]:
        """In percent where the task tells it so."""
        percent = known_scores()[name].percent
        return self.sums.percent(SCORE, name) if percent else self.sums.mean(SCORE, name)

    def _part(self, name: str, analysis: Analysis) -> Any:
        if analysis.is_summed:
            return analysis.part(self.of_analyses[name], self.compared)
        rows = [kept(record, analysis.row_field, name) for record in self._records]
        references = self._references if self.compared else None
        return analysis.summarize(rows, self._records, references)


def put(holder: Record | ModelSummary, field: Optional[str], name: str, value: Any) -> None:
    """What an analysis gave, into its field, or under its name."""
    if value is None:
        return
    if field is None:
        holder.analyses[name] = value
    else:
        setattr(holder, field, value)


def kept(holder: Record | ModelSummary, field: Optional[str], name: str) -> Any:
    """What `put` put there."""
    return holder.analyses.get(name) if field is None else getattr(holder, field)

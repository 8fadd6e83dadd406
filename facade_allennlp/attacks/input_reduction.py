from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from torch import Tensor

from facade_allennlp.attacks.attack import Attack, AttackResult
from facade_allennlp.attacks.attacked_text import AttackedText, attacked_texts, place_of_attacked
from facade_allennlp.attacks.reduction_search import Kept, ReductionSearch, View
from facade_allennlp.attribution import Attribution, AttributionMethod, ExplainedModel, Gradient
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.number import number
from facade_allennlp.scores.sums import Key, Sums
from facade_allennlp.targets import StopWords, TokenTarget
from facade_allennlp.tasks.choices import choice_from, rows_of
from facade_allennlp.texts.edit import keep_tokens


@dataclass
class Reduction(AttackResult):
    """
    # Parameters

    left : `list[int]`
        The positions, in the original text, of the attackable tokens that are left; none where
        there was no attackable token.
    stop_words : `list[int]`
        Those of `left` whose word is a stop word. A word is what it was in the original text: a
        piece of a longer word is no stop word, even when it is left alone.
    dropped : `list[int]`
        The positions of the attackable tokens that are gone.
    """

    left: list[int]
    stop_words: list[int]
    dropped: list[int]

    def to_json(self, start: int) -> dict[str, Any]:
        return {
            "left": [start + position for position in self.left],
            "stop_words": [start + position for position in self.stop_words],
            "dropped": [start + position for position in self.dropped],
        }


@Attack.register("input_reduction")
class InputReduction(Attack):
    """
    Input reduction (Feng et al. 2018): drops the token with the lowest attribution, again and again
    while the prediction stays what it was on the whole text. One attackable token always stays.

    A beam search: each text of the beam proposes to drop any of its `beam_size` tokens with the
    lowest share of the attribution (eq. 1), and the `beam_size` proposals with the lowest shares
    are tried. Texts whose prediction holds are the next beam. No set of tokens is tried twice, and
    of equal shares the leftmost counts as lower. Where several shortest texts remain, the result is
    the one whose last token had the lowest share. All texts of a step, of all instances, are
    explained and predicted together.

    # Parameters

    beam_size : `int`, optional (default = `3`)
        1 is the plain greedy reduction.
    method : `AttributionMethod`, optional (default = `Gradient`)
        It has to say which classes it explained.
    target : `TokenTarget`, optional (default = `EveryToken`)
        The tokens that may be dropped, see `Attack`.

    # Raises

    `ConfigurationError` : a beam of no texts.
    """

    def __init__(
        self,
        beam_size: int = 3,
        method: Optional[AttributionMethod] = None,
        target: Optional[TokenTarget] = None,
    ) -> None:
        super().__init__(target)
        self.beam_size = number("beam_size of input_reduction", beam_size, least=1, whole=True)
        self.method = method or Gradient()
        self.stop_words = StopWords()

    def attack(
        self,
        explained: ExplainedModel,
        instances: Sequence[Instance],
    ) -> list[Reduction]:
        whole = [explained.unlabelled(instance) for instance in instances]
        begun: dict[int, _Attempt] = {}
        for indices, attribution in self._explain(explained, whole):
            batch = [whole[index] for index in indices]
            begun.update(zip(indices, self._begin(explained, batch, attribution)))
        attempts = [begun[index] for index in range(len(whole))]

        while trials := [
            (attempt, kept) for attempt in attempts for kept in attempt.search.proposals()
        ]:
            shorter = [attempt.shortened(kept, explained) for attempt, kept in trials]
            asked: Optional[list[list[Any]]] = None
            if explained.task.decides_by_token:
                asked = [attempt.asked(kept) for attempt, kept in trials]
            for indices, attribution in self._explain(explained, shorter, asked):
                for index, view in zip(indices, self._views(attribution)):
                    attempt, kept = trials[index]
                    attempt.search.tried(kept, view)
            for attempt in attempts:
                attempt.search.advance()
        return [self._result(attempt, explained) for attempt in attempts]

    def values(self, result: dict[str, Any]) -> Iterator[tuple[Key, Optional[float]]]:
        left, stops = result["left"], result["stop_words"]
        yield ("without",), not left
        if left:
            for position in left:
                yield ("stop",), position in stops
            yield ("mean stop",), len(stops) / len(left)
            yield ("all stop",), len(stops) == len(left)
            yield ("left",), len(left)

    def numbers(self, sums: Sums) -> dict[str, Any]:
        """
        # Returns

        - `without`: inputs without an attackable token, which the following leave out
        - `stop_percent`: the share of stop words (`Reduction.stop_words`) among all tokens that are
          left, the inputs taken together (the paper's Stop %)
        - `mean_stop_percent`: that share of each input, mean over inputs: a few inputs of which
          much is left weigh less
        - `all_stop_percent`: the share of inputs of which only stop words are left (All-stop %)
        - `mean_left`: the mean number of tokens left
        """
        return {
            "without": sums.total("without"),
            "stop_percent": sums.percent("stop"),
            "mean_stop_percent": sums.percent("mean stop"),
            "all_stop_percent": sums.percent("all stop"),
            "mean_left": sums.mean("left"),
        }

    def _explain(
        self,
        explained: ExplainedModel,
        instances: Sequence[Instance],
        asked: Optional[Sequence[list[Any]]] = None,
    ) -> Iterator[tuple[list[int], Attribution]]:
        """`asked` are choices whose tokens' decisions are explained, by default the predictions."""
        for indices, inputs in in_batches(explained, instances):
            again: Optional[list[Tensor]] = None
            if asked is not None:
                choice = choice_from([asked[index] for index in indices], explained.device)
                with torch.no_grad():
                    again = explained.task.again(explained.run(inputs), choice)
            yield indices, self.method.attribute(explained, inputs, again)

    def _begin(
        self, explained: ExplainedModel, instances: Sequence[Instance], attribution: Attribution
    ) -> list["_Attempt"]:
        field = attribution.fields[self._place(attribution)]
        views = self._views(attribution)
        task = explained.task
        choices = [view.predicted for view in views]
        texts = attacked_texts(instances, field, self.target, explained.reader, task, choices)
        # What is chosen lies in the last text that a model embeds: its only one, or the passage.
        moves = field is attribution.fields[-1]
        in_original = task.in_original if moves else lambda choice, kept: list(choice)
        return [
            _Attempt(
                instance,
                text,
                ReductionSearch(view, text.positions, self.beam_size, task.same, in_original),
            )
            for instance, text, view in zip(instances, texts, views)
        ]

    def _place(self, attribution: Attribution) -> int:
        return place_of_attacked([field.name for field in attribution.fields], self.target)

    def _views(self, attribution: Attribution) -> list[View]:
        """One for each row, of the attacked field's tokens."""
        if not attribution.classes:
            raise ConfigurationError(
                f"input_reduction cannot use {self.method.name!r}, which does not say which "
                "classes it explains: its Attribution needs `classes`"
            )
        place = self._place(attribution)
        widths = [field.mask.shape[1] for field in attribution.fields]
        shares = attribution.normalized.split(widths, dim=-1)[place].cpu()
        masks = attribution.fields[place].mask.cpu()
        return [
            View(row[keep].tolist(), predicted)
            for row, keep, predicted in zip(shares, masks, rows_of(attribution.classes))
        ]

    def _result(self, attempt: "_Attempt", explained: ExplainedModel) -> Reduction:
        text, kept = attempt.text, attempt.search.best
        left = [position for position in text.positions if position in kept]
        stop_words = set(self.stop_words.positions(text.sequence))
        return Reduction(
            attempt.shortened(kept, explained),
            text.field,
            left,
            [position for position in left if position in stop_words],
            [position for position in text.positions if position not in kept],
        )


@dataclass
class _Attempt:
    """One instance, its attacked text, and the search for the shortest one."""

    instance: Instance
    text: AttackedText
    search: ReductionSearch

    def asked(self, kept: Kept) -> list[Any]:
        """The prediction on a token, where that is in a shortened text."""
        position, *decided = self.search.prediction
        return [kept.index(position), *decided]

    def shortened(self, kept: Kept, explained: ExplainedModel) -> Instance:
        return keep_tokens(self.instance, self.text.field, kept, explained.model.vocab)

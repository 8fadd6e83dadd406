import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Optional

import torch
from allennlp.data import Instance
from allennlp.interpret.attackers.hotflip import DEFAULT_IGNORE_TOKENS
from torch import Tensor

from facade_allennlp.attacks.attack import Attack
from facade_allennlp.attacks.attacked_text import attacked_texts, place_of_attacked
from facade_allennlp.attacks.flip_attempt import FlipAttempt, HotFlipResult
from facade_allennlp.attacks.replacements import Replacements
from facade_allennlp.attribution import ExplainedModel, FieldTokens
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.attribution.forward_pass import EmbeddedField, ForwardPass
from facade_allennlp.attribution.gradient_method import gradients
from facade_allennlp.attribution.inputs import select
from facade_allennlp.attribution.objectives import loss_on
from facade_allennlp.number import number
from facade_allennlp.scores.sums import Key, Sums
from facade_allennlp.targets import AllBut, TokenTarget
from facade_allennlp.tasks.choices import choice_from, rows_of

HISTOGRAM = range(1, 17)
"""The numbers of flips that a summary counts one by one."""


@Attack.register("hotflip")
class HotFlip(Attack):
    """
    HotFlip (Ebrahimi et al. 2018) by words, as Wallace et al. 2019 do it: the token with the
    largest gradient (L2 norm) becomes the vocabulary token that raises the loss on the original
    prediction the most to first order, by (e_new - e_old) · ∂L/∂e_old. Again and again, at each
    position once, until the prediction changes. See `Replacements` for the tokens that are put in.
    Of equal gradients the leftmost counts as the largest.

    # Parameters

    target : `TokenTarget`, optional (default = every token but AllenNLP's `DEFAULT_IGNORE_TOKENS`)
        The tokens that may be flipped, see `Attack`. AllenNLP's list is punctuation.
    max_flips : `int`, optional (default = as many as there are tokens)
    wanted : `str`, optional (default = `None`)
        A class, by name or number: then the loss on it is lowered until it is predicted.

    # Raises

    `ConfigurationError` : fewer than one flip.
    """

    def __init__(
        self,
        target: Optional[TokenTarget] = None,
        max_flips: Optional[int] = None,
        wanted: Optional[str] = None,
    ) -> None:
        super().__init__(target or AllBut(DEFAULT_IGNORE_TOKENS))
        if max_flips is not None:
            number("max_flips of hotflip", max_flips, least=1, whole=True)
        self.max_flips = max_flips
        self.wanted = wanted

    def attack(
        self,
        explained: ExplainedModel,
        instances: Sequence[Instance],
    ) -> list[HotFlipResult]:
        whole = [explained.unlabelled(instance) for instance in instances]
        replacements = functools.cache(functools.partial(Replacements, explained))
        attempts: dict[int, FlipAttempt] = {}
        going = list(range(len(whole)))
        while going:
            texts = [attempts[i].instance if i in attempts else whole[i] for i in going]
            for places, inputs in in_batches(explained, texts):
                batch = [going[place] for place in places]
                forward = explained.forward(inputs)
                if batch[0] not in attempts:
                    begun = self._begin(explained, [whole[i] for i in batch], forward)
                    attempts.update(zip(batch, begun))
                self._advance(explained, [attempts[i] for i in batch], forward, replacements)
            going = [i for i in going if attempts[i].going]
        return [attempts[i].result() for i in range(len(whole))]

    def values(self, result: dict[str, Any]) -> Iterator[tuple[Key, Optional[float]]]:
        yield ("without",), not result["attackable"]
        if not result["attackable"]:
            return
        flips, succeeded = len(result["flips"]), result["succeeded"]
        as_wanted = succeeded and not flips
        yield ("as wanted",), as_wanted
        if as_wanted:
            return
        yield ("flipped",), succeeded
        if succeeded:
            yield ("flips",), flips
        for most in HISTOGRAM:
            yield ("after", str(most)), succeeded and flips == most

    def numbers(self, sums: Sums) -> dict[str, Any]:
        """
        # Returns

        - `without`: inputs without an attackable token, which the following leave out
        - `as_wanted`: inputs that were predicted as the wanted class from the start, left out too
        - `flipped_percent`: the share of inputs on which the attack succeeded
        - `mean_flips`: the mean number of flips that this took, of those inputs
        - `flips_percent`: for 1 to 16 flips the share of inputs on which so many were needed
        """
        return {
            "without": sums.total("without"),
            "as_wanted": sums.total("as wanted"),
            "flipped_percent": sums.percent("flipped"),
            "mean_flips": sums.mean("flips"),
            "flips_percent": {str(n): sums.percent("after", str(n)) for n in HISTOGRAM},
        }

    def _begin(
        self,
        explained: ExplainedModel,
        instances: Sequence[Instance],
        forward: ForwardPass,
    ) -> list[FlipAttempt]:
        field = FieldTokens.of(forward.fields[self._place(forward)])
        task = forward.task
        predicted = rows_of(forward.predictions())
        wanted: list[Optional[list[Any]]] = [
            None if self.wanted is None else task.choice_of(self.wanted, forward, row)
            for row in range(len(instances))
        ]
        choices = [given or original for given, original in zip(wanted, predicted)]
        texts = attacked_texts(instances, field, self.target, explained.reader, task, choices)
        return [
            FlipAttempt(instance, text, original, given, self.max_flips or len(text.positions))
            for instance, text, original, given in zip(instances, texts, predicted, wanted)
        ]

    def _place(self, forward: ForwardPass) -> int:
        return place_of_attacked([field.name for field in forward.fields], self.target)

    def _advance(
        self,
        explained: ExplainedModel,
        attempts: Sequence[FlipAttempt],
        forward: ForwardPass,
        replacements: Callable[[str], Replacements],
    ) -> None:
        """Judges what the model makes of the texts now, and flips a token where it has to go on."""
        choice = choice_from([attempt.choice for attempt in attempts], explained.device)
        predicted = rows_of(forward.task.again(forward, choice))
        for row, attempt in enumerate(attempts):
            attempt.judge(forward.task.same(predicted[row], attempt.choice))
            if not attempt.going:
                with torch.no_grad():
                    attempt.outputs = select(forward.outputs, torch.tensor([row]), len(attempts))
        rows = [row for row, attempt in enumerate(attempts) if attempt.going]
        if not rows:
            return
        place = self._place(forward)
        with torch.enable_grad():
            loss = loss_on(choice)(forward)
        # The loss, or its negative, that a flip is to raise.
        gradient = gradients(forward, loss if self.wanted is None else -loss)[place]
        field = forward.fields[place]
        self._flip(explained, attempts, rows, field, gradient, replacements(field.namespace))

    def _flip(
        self,
        explained: ExplainedModel,
        attempts: Sequence[FlipAttempt],
        rows: Sequence[int],
        field: EmbeddedField,
        gradient: Tensor,
        replacements: Replacements,
    ) -> None:
        """
        Flips the token with the largest gradient in some rows.

        # Parameters

        gradient : `Tensor`
            Shape: (all rows, tokens, features).
        """
        columns = [mask.nonzero().squeeze(-1).tolist() for mask in field.mask.cpu()]
        closed = torch.ones(field.mask.shape, dtype=torch.bool)
        for row in rows:
            closed[row, [columns[row][position] for position in attempts[row].open]] = False
        norms = gradient.norm(dim=-1).masked_fill(closed.to(gradient.device), -torch.inf)
        index = torch.tensor(rows, device=gradient.device)
        column = norms[index].argmax(dim=-1)  # shape: (rows that go on,)
        new = replacements.furthest(gradient[index, column], field.ids[index, column])
        for row, at, token in zip(rows, column.tolist(), new.tolist()):
            attempts[row].flip(columns[row].index(at), token, field.namespace, explained)

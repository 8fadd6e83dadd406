from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from allennlp.common import Registrable
from allennlp.data import Instance, Token

from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.scores.sums import Key, Sums
from facade_allennlp.targets import EveryToken, TokenTarget


@dataclass
class AttackResult:
    """
    What an attack made of one instance.

    # Parameters

    instance : `Instance`
        The attacked one, indexed, without labels that the model does not need.
    field : `str`
        The text field that was attacked.
    """

    instance: Instance
    field: str

    @property
    def tokens(self) -> list[Token]:
        """The tokens of the attacked text field, as the attack left them."""
        return self.instance.fields[self.field].tokens  # type: ignore[attr-defined]

    def to_json(self, start: int) -> dict[str, Any]:
        """
        What a record keeps. Pages strike out the tokens at the positions in `dropped`, and put the
        new ones in the place of the `flips` (`position`, `old`, `new`), where there are any.

        # Parameters

        start : `int`
            The place of the attacked field's first token among the tokens of all text fields, to
            which the positions in the result then refer.
        """
        raise NotImplementedError


class Attack(Registrable):
    """
    Edits one text field of instances, many at a time. A new attack is one file with one registered
    subclass, which says what a record keeps of it, and what a summary makes of that.

    # Parameters

    target : `TokenTarget`, optional (default = `EveryToken`)
        The tokens that may be attacked. Special tokens are never among them. Where it names no
        `field`, only tokens of the first text are: the premise of a pair, the question before a
        passage, the whole of a text by itself (a pair of which one text is empty is taken for
        that). In a model of several text fields that is the first that it embeds.
    """

    def __init__(self, target: Optional[TokenTarget] = None) -> None:
        self.target = target or EveryToken()

    def attack(
        self,
        explained: ExplainedModel,
        instances: Sequence[Instance],
    ) -> Sequence[AttackResult]:
        """
        The same instances always give the same results, whatever batch they are in (up to float
        rounding).

        # Parameters

        explained : `ExplainedModel`
            In evaluation mode.
        instances : `Sequence[Instance]`
            Indexed with the model's vocabulary; they stay as they are.

        # Returns

        `Sequence[AttackResult]` : one for each instance, in order.

        # Raises

        `ConfigurationError` : the model reads no field of the target's name, or embeds other pieces
            than the tokens of the attacked field.
        """
        raise NotImplementedError

    @property
    def is_summed(self) -> bool:
        """Whether it gives `values`."""
        return type(self).values is not Attack.values

    def values(self, result: dict[str, Any]) -> Iterator[tuple[Key, Optional[float]]]:
        """
        What is summed up of one result, by key; see `Sums`. An attack that has `summarize` of its
        own needs none, but is given all results at once.
        """
        raise NotImplementedError

    def numbers(self, sums: Sums) -> dict[str, Any]:
        """What `summarize` gives, out of the sums of all results' values."""
        raise NotImplementedError

    def summarize(self, results: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """
        # Parameters

        results : `Sequence[dict[str, Any]]`
            What `to_json` of the results gave.

        # Returns

        Numbers, or mappings of numbers, by name; `None` where nothing was counted.
        """
        sums = Sums()
        for result in results:
            for key, value in self.values(result):
                sums.add(key, value)
        return self.numbers(sums)

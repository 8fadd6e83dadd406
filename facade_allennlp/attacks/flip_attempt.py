from dataclasses import asdict, dataclass, field
from typing import Any, Optional

from allennlp.data import Instance

from facade_allennlp.attacks.attack import AttackResult
from facade_allennlp.attacks.attacked_text import AttackedText
from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.texts.edit import exchange_token


@dataclass
class Flip:
    """A token that was exchanged, as the vocabulary spells it."""

    position: int
    old: str
    new: str


@dataclass
class HotFlipResult(AttackResult):
    """
    # Parameters

    flips : `list[Flip]`
        In order.
    succeeded : `bool`
        Whether the prediction changed, or became the wanted one; without any flip where it was the
        wanted one from the start.
    attackable : `int`
        The number of tokens that might have been flipped.
    outputs : `dict[str, Any]`
        What the model gives for the text in the end, as a batch of one (padded as in the batch that
        it was in).
    """

    flips: list[Flip]
    succeeded: bool
    attackable: int
    outputs: dict[str, Any]

    def to_json(self, start: int) -> dict[str, Any]:
        return {
            "flips": [{**asdict(flip), "position": start + flip.position} for flip in self.flips],
            "succeeded": self.succeeded,
            "attackable": self.attackable,
        }


@dataclass
class FlipAttempt:
    """
    One instance under attack.

    # Parameters

    instance : `Instance`
        As the flips so far left it.
    text : `AttackedText`
        The original one.
    original : `list[Any]`
        What is predicted, for each of the model's outputs.
    wanted : `list[Any]`, optional
        What shall be predicted.
    max_flips : `int`
    flips : `list[Flip]`
        So far, in order.
    succeeded, going : `bool`
        Whether the prediction is one that was looked for, and whether there is more to try.
    outputs : `dict[str, Any]`
        See `HotFlipResult`.
    """

    instance: Instance
    text: AttackedText
    original: list[Any]
    wanted: Optional[list[Any]]
    max_flips: int
    flips: list[Flip] = field(default_factory=list)
    succeeded: bool = False
    going: bool = True
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def choice(self) -> list[Any]:
        """The prediction whose loss is raised, or lowered where it is the wanted one."""
        return self.original if self.wanted is None else self.wanted

    @property
    def open(self) -> list[int]:
        """The positions that may still be flipped."""
        flipped = {flip.position for flip in self.flips}
        return [position for position in self.text.positions if position not in flipped]

    def judge(self, holds: bool) -> None:
        """Takes whether the model predicts `choice` for the text now."""
        self.succeeded = holds != (self.wanted is None)
        self.going = not self.succeeded and len(self.flips) < self.max_flips and bool(self.open)

    def flip(self, position: int, index: int, namespace: str, explained: ExplainedModel) -> None:
        """Puts the token `index` of the vocabulary at a position."""
        vocabulary = explained.model.vocab
        new = vocabulary.get_token_from_index(index, namespace)
        self.flips.append(Flip(position, self.text.sequence.tokens[position], new))
        self.instance = exchange_token(
            self.instance, self.text.field, position, index, namespace, vocabulary
        )

    def result(self) -> HotFlipResult:
        return HotFlipResult(
            self.instance,
            self.text.field,
            self.flips,
            self.succeeded,
            len(self.text.positions),
            self.outputs,
        )

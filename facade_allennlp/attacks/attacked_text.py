"""Which field of an instance is attacked, and which of its tokens may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from allennlp.data import Instance

from facade_allennlp.attribution import FieldTokens
from facade_allennlp.targets import TokenTarget
from facade_allennlp.tasks import Task
from facade_allennlp.texts.edit import check_editable
from facade_allennlp.texts.token_reader import TokenReader
from facade_allennlp.texts.token_sequence import TokenSequence


@dataclass
class AttackedText:
    """
    The attacked text field of one instance.

    # Parameters

    sequence : `TokenSequence`
        Its tokens.
    positions : `list[int]`
        Of the tokens that may be attacked, in ascending order.
    """

    sequence: TokenSequence
    positions: list[int]

    @property
    def field(self) -> str:
        return self.sequence.field


def place_of_attacked(names: Sequence[str], target: TokenTarget) -> int:
    """
    The place of the attacked field among those that a model embeds: the one that `target` names,
    else the first.

    # Raises

    `ConfigurationError` : the model reads no such field.
    """
    target.check_field(names)
    return names.index(target.field) if target.field in names else 0


def attacked_texts(
    instances: Sequence[Instance],
    field: FieldTokens,
    target: TokenTarget,
    reader: TokenReader,
    task: Task,
    choices: Sequence[Sequence[Any]],
) -> list[AttackedText]:
    """
    # Parameters

    instances : `Sequence[Instance]`
    field : `FieldTokens`
        The attacked field of these instances.
    task : `Task`
        Where it decides by token, the token that is decided on is not attacked.
    choices : `Sequence[Sequence[Any]]`
        What is predicted or wanted of each instance, for each output.

    # Raises

    `ConfigurationError` : what the model embeds are not the field's tokens.
    """
    texts = []
    sequences = field.sequences(reader)
    check_editable(instances, sequences, "to be attacked")
    for sequence, choice in zip(sequences, choices):
        positions = target.positions(sequence)
        if target.field is None:
            positions = [i for i in positions if sequence.segment_ids[i] == 0]
        if task.decides_by_token:
            positions = [i for i in positions if i != choice[0]]
        texts.append(AttackedText(sequence, positions))
    return texts

"""Which field of an instance is attacked, and which of its tokens may be."""

from collections.abc import Sequence
from dataclasses import dataclass

from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance

from facade_allennlp.attribution import FieldTokens
from facade_allennlp.targets import TokenSequence, TokenTarget
from facade_allennlp.targets.token_sequence import TokenReader


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
) -> list[AttackedText]:
    """
    # Parameters

    instances : `Sequence[Instance]`
    field : `FieldTokens`
        The attacked field of these instances.

    # Raises

    `ConfigurationError` : what the model embeds are not the field's tokens.
    """
    texts = []
    for instance, sequence in zip(instances, field.sequences(reader)):
        tokens = len(instance.fields[field.name])  # type: ignore[arg-type]
        if len(sequence.tokens) != tokens:
            raise ConfigurationError(
                f"the model embeds {len(sequence.tokens)} pieces for the {tokens} tokens of the "
                f"field {field.name!r}: to be attacked, a text has to be tokenized into the pieces "
                "that are embedded"
            )
        positions = target.positions(sequence)
        if target.field is None:
            positions = [i for i in positions if sequence.segment_ids[i] == 0]
        texts.append(AttackedText(sequence, positions))
    return texts

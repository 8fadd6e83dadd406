"""Tokens that turn predictions wherever they are put in."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from allennlp.data import Instance, Vocabulary

from facade_allennlp.texts.edit import insert_tokens
from facade_allennlp.texts.token_sequence import TokenSequence


@dataclass(frozen=True)
class TriggerToken:
    """
    # Parameters

    token : `str`
        As the vocabulary spells it.
    segment : `int`
        The number of its segment: 0 for a premise, 1 for a hypothesis.
    offset : `int`
        Its place in the segment, from 0.
    """

    token: str
    segment: int
    offset: int


@dataclass(frozen=True)
class Trigger:
    """
    Tokens of one text that are put into others together, each at its place in its segment, or at
    the end of a shorter one (Hao, Dong, Wei, Xu, AAAI 2021, section on adversarial attack).
    """

    tokens: tuple[TriggerToken, ...]

    @classmethod
    def of(cls, sequence: TokenSequence, positions: Sequence[int]) -> "Trigger":
        """The tokens of a text at some positions, none of them special."""
        tokens = []
        for position in sorted(positions):
            segment = sequence.segment_ids[position]
            assert segment is not None, position
            start = sequence.segment_ids.index(segment)
            tokens.append(TriggerToken(sequence.tokens[position], segment, position - start))
        return cls(tuple(tokens))

    def put_into(
        self, instance: Instance, sequence: TokenSequence, vocabulary: Vocabulary
    ) -> Instance:
        """
        # Parameters

        instance : `Instance`
            Indexed; it stays as it is.
        sequence : `TokenSequence`
            The tokens of the field that they are put into. Of a segment that it does not have the
            trigger's tokens are left out; a segment is a run between special tokens, so that the
            hypothesis after an empty premise is the first.
        """
        inserted: dict[int, list[str]] = {}
        for number in {token.segment for token in self.tokens} & set(sequence.segment_ids):
            start = sequence.segment_ids.index(number)
            own = [token for token in self.tokens if token.segment == number]
            length = sequence.segment_ids.count(number)
            for put_in, token in enumerate(own):
                # those before it make room for themselves
                place = min(token.offset - put_in, length)
                inserted.setdefault(start + place, []).append(token.token)
        return insert_tokens(instance, sequence.field, inserted, vocabulary)

    def to_json(self) -> list[dict[str, Any]]:
        return [asdict(token) for token in self.tokens]

    def __str__(self) -> str:
        """`not … good`; of a pair `a … man / nobody`, where a text that takes none is a dash."""
        last = max(token.segment for token in self.tokens)
        segments = (
            " … ".join(token.token for token in self.tokens if token.segment == number)
            for number in range(last + 1)
        )
        return " / ".join(spelled or "–" for spelled in segments)

from collections.abc import Sequence
from typing import ClassVar, Optional

from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError

from facade_allennlp.texts.token_reader import TokenReader
from facade_allennlp.texts.token_sequence import TokenSequence

SEGMENTS = {"premise": 0, "question": 0, "hypothesis": 1, "passage": 1, "context": 1}
"""Parts that a reader packs into one field, by their order in it."""


class TokenTarget(Registrable):
    """
    Which tokens of an input count as targets: where a facade puts its attribution, and what P@1 and
    mean attribution are measured on. Special tokens and padding are never targets.

    # Parameters

    field : `str`, optional (default = `None`)
        Only tokens of this part count: the name of a text field of the model's input, or `premise`,
        `hypothesis`, `question` or `passage` where the reader packs both into one field.
    """

    default_implementation = "first_token"
    weighted: ClassVar[bool] = False
    """Whether some targets are to get more attribution than others."""

    def __init__(self, field: Optional[str] = None) -> None:
        self.field = field

    def positions(self, sequence: TokenSequence) -> list[int]:
        """Positions of the target tokens in `sequence.tokens`."""
        allowed = self._allowed(sequence)
        return [position for position in self._select(sequence, allowed) if position in allowed]

    def weights(self, sequence: TokenSequence, positions: Sequence[int]) -> list[float]:
        """How much attribution each of these target tokens shall have beside the others."""
        return [1.0] * len(positions)

    def check(self, reader: TokenReader, namespace: str) -> None:
        """
        # Raises

        `ConfigurationError` : no text over these tokens can hold a target token.
        """

    def _select(self, sequence: TokenSequence, allowed: Sequence[int]) -> list[int]:
        """The targets among the `allowed` positions, which are in ascending order."""
        raise NotImplementedError

    def _allowed(self, sequence: TokenSequence) -> Sequence[int]:
        segments = sequence.segment_ids
        ordinary = [i for i, segment in enumerate(segments) if segment is not None]
        if self.field is None or self.field == sequence.field:
            return ordinary
        wanted = SEGMENTS.get(self.field)
        if wanted is None or max((segments[i] or 0 for i in ordinary), default=0) == 0:
            return []
        return [i for i in ordinary if segments[i] == wanted]

    def check_field(self, fields: Sequence[str]) -> None:
        """
        # Raises

        `ConfigurationError` : the model reads no field of the name that this target is restricted
        to.
        """
        if self.field is not None and self.field not in SEGMENTS and self.field not in fields:
            raise ConfigurationError(
                f"the target's field {self.field!r} is not one that the model reads: "
                f"{sorted(fields)}, or one of {sorted(SEGMENTS)} inside them"
            )

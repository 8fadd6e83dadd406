from collections.abc import Sequence
from typing import Optional

from facade_allennlp.targets.positional import EveryToken
from facade_allennlp.targets.token_target import TokenTarget
from facade_allennlp.texts.token_reader import TokenReader
from facade_allennlp.texts.token_sequence import TokenSequence


@TokenTarget.register("all_but")
class AllBut(TokenTarget):
    """
    The target tokens of another target, without some.

    # Parameters

    tokens : `list[str]`
        Tokens that do not count, as the vocabulary spells them (`Ġ.`) or as words (`.`).
    target : `TokenTarget`, optional (default = `EveryToken`)
    field : `str`, optional (default = that of `target`)
    """

    def __init__(
        self,
        tokens: list[str],
        target: Optional[TokenTarget] = None,
        field: Optional[str] = None,
    ) -> None:
        self.target = target or EveryToken()
        super().__init__(field or self.target.field)
        self.tokens = frozenset(tokens)

    def check(self, reader: TokenReader, namespace: str) -> None:
        self.target.check(reader, namespace)

    def _select(self, sequence: TokenSequence, allowed: Sequence[int]) -> list[int]:
        positions = self.target.positions(sequence)
        words = sequence.word_ids
        return [
            i
            for i in positions
            if self.tokens.isdisjoint([sequence.tokens[i], sequence.words[words[i]]])  # type: ignore[index]
        ]

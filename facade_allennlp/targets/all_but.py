from collections.abc import Sequence
from typing import Optional

from allennlp.data import Vocabulary

from facade_allennlp.targets.positional import EveryToken
from facade_allennlp.targets.token_target import TokenTarget
from facade_allennlp.texts.token_sequence import TokenSequence


@TokenTarget.register("all_but")
class AllBut(TokenTarget):
    """
    The target tokens of another target, without some.

    # Parameters

    tokens : `list[str]`
        Tokens that do not count, as the vocabulary spells them.
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

    def check(self, vocabulary: Vocabulary, namespace: str) -> None:
        self.target.check(vocabulary, namespace)

    def _select(self, sequence: TokenSequence, allowed: Sequence[int]) -> list[int]:
        positions = self.target.positions(sequence)
        return [i for i in positions if sequence.tokens[i] not in self.tokens]

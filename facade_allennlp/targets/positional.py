from collections.abc import Sequence

from facade_allennlp.targets.token_target import TokenTarget
from facade_allennlp.texts.token_sequence import TokenSequence


@TokenTarget.register("every_token")
class EveryToken(TokenTarget):
    """Every token but the special ones."""

    def _select(self, sequence: TokenSequence, allowed: Sequence[int]) -> list[int]:
        return list(allowed)


@TokenTarget.register("first_token")
class FirstToken(TokenTarget):
    """The first token after the special tokens (the paper's `ft`): for BERT the one after [CLS]."""

    def _select(self, sequence: TokenSequence, allowed: Sequence[int]) -> list[int]:
        return list(allowed[:1])


@TokenTarget.register("last_token")
class LastToken(TokenTarget):
    """The last token before the final special token."""

    def _select(self, sequence: TokenSequence, allowed: Sequence[int]) -> list[int]:
        return list(allowed[-1:])

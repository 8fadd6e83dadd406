"""Which tokens count: the targets of a facade, and of the measurements."""

from facade_allennlp.targets.positional import FirstToken, LastToken
from facade_allennlp.targets.token_sequence import TokenSequence
from facade_allennlp.targets.token_target import TokenTarget
from facade_allennlp.targets.word_targets import Pattern, Pronouns, StopWords, Words

__all__ = [
    "FirstToken",
    "LastToken",
    "Pattern",
    "Pronouns",
    "StopWords",
    "TokenSequence",
    "TokenTarget",
    "Words",
]

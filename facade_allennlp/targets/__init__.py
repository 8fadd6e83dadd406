"""Which tokens count: the targets of a facade, and of the measurements."""

from facade_allennlp.targets.all_but import AllBut
from facade_allennlp.targets.positional import EveryToken, FirstToken, LastToken
from facade_allennlp.targets.token_target import TokenTarget
from facade_allennlp.targets.word_targets import (
    Pattern,
    Pronouns,
    StopWords,
    WeightedWords,
    Words,
)

__all__ = [
    "AllBut",
    "EveryToken",
    "FirstToken",
    "LastToken",
    "Pattern",
    "Pronouns",
    "StopWords",
    "TokenTarget",
    "WeightedWords",
    "Words",
]

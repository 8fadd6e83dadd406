import re
from collections.abc import Sequence
from typing import Optional

from allennlp.common.checks import ConfigurationError

from facade_allennlp.number import number
from facade_allennlp.targets.stop_words import english_stop_words
from facade_allennlp.targets.token_target import TokenTarget
from facade_allennlp.texts.token_reader import TokenReader
from facade_allennlp.texts.token_sequence import TokenSequence

PRONOUNS = {
    "female": ("she", "her", "hers", "herself"),
    "male": ("he", "him", "his", "himself"),
}


class WordTarget(TokenTarget):
    """Targets that are chosen word by word: all pieces of a matching word count."""

    def matches(self, word: str) -> bool:
        """`word` is a whole word, lower-cased."""
        raise NotImplementedError

    def _select(self, sequence: TokenSequence, allowed: Sequence[int]) -> list[int]:
        hits = [self.matches(word) for word in sequence.words]
        words = sequence.word_ids
        return [i for i in allowed if hits[words[i]]]  # type: ignore[index]


@TokenTarget.register("words")
class Words(WordTarget):
    """
    The words of a list.

    # Parameters

    words : `list[str]`
        Whole words, in any case. Together with `field`.

    # Raises

    `ConfigurationError` : the list is empty.
    """

    def __init__(self, words: list[str], field: Optional[str] = None) -> None:
        super().__init__(field)
        self.words = frozenset(word.strip().lower() for word in words if word.strip())
        if not self.words:
            raise ConfigurationError("a target of words needs at least one word, the list is empty")

    def matches(self, word: str) -> bool:
        return word in self.words

    def check(self, reader: TokenReader, namespace: str) -> None:
        tokens = reader.vocabulary.get_token_to_index_vocabulary(namespace)
        spelling = reader.spelling(namespace)
        if not any(spelling.spells(word, tokens) for word in self.words):
            shown = ", ".join(sorted(self.words)[:5])
            raise ConfigurationError(
                f"no target word is in the vocabulary (namespace {namespace!r}): {shown}; "
                "no input could ever hold a target token"
            )


@TokenTarget.register("weighted_words")
class WeightedWords(Words):
    """
    The words of a list, some of which count for more: an explanation made to order. Measurements
    count them as they count `words`; a constructed facade shares attribution out by the weights.

    # Parameters

    weights : `dict[str, float]`
        By whole words, in any case, numbers above 0. Together with `field`.

    # Raises

    `ConfigurationError` : there is no word, or a weight is not above 0.
    """

    weighted = True

    def __init__(self, weights: dict[str, float], field: Optional[str] = None) -> None:
        super().__init__(list(weights), field)
        self.by_word = {
            word.strip().lower(): float(number(f"the weight of {word!r}", weight, above=0))
            for word, weight in weights.items()
        }

    def weights(self, sequence: TokenSequence, positions: Sequence[int]) -> list[float]:
        words = sequence.word_ids
        return [self.by_word[sequence.words[words[i]]] for i in positions]  # type: ignore[index]


@TokenTarget.register("stop_words")
class StopWords(Words):
    """NLTK's English stop words (the paper's `stop`)."""

    def __init__(self, field: Optional[str] = None) -> None:
        super().__init__(sorted(english_stop_words()), field)


@TokenTarget.register("pronouns")
class Pronouns(Words):
    """
    Third-person pronouns by grammatical gender.

    # Parameters

    gender : `str`, optional (default = `None`)
        `female`, `male`, or both when absent. Together with `field`.
    """

    def __init__(self, gender: Optional[str] = None, field: Optional[str] = None) -> None:
        if gender is not None and gender not in PRONOUNS:
            raise ConfigurationError(f"gender is {gender!r}, but must be one of {list(PRONOUNS)}")
        genders = [gender] if gender else list(PRONOUNS)
        super().__init__([word for name in genders for word in PRONOUNS[name]], field)


@TokenTarget.register("pattern")
class Pattern(WordTarget):
    """
    Words that match a regular expression as a whole.

    # Parameters

    pattern : `str`
        Python syntax, matched against each lower-cased word. Together with `field`.
    """

    def __init__(self, pattern: str, field: Optional[str] = None) -> None:
        super().__init__(field)
        try:
            self.pattern = re.compile(pattern)
        except re.error as error:
            raise ConfigurationError(f"{pattern!r} is not a regular expression: {error}") from None

    def matches(self, word: str) -> bool:
        return self.pattern.fullmatch(word) is not None

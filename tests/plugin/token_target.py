"""A token target from outside: the longest word of a text."""

from collections.abc import Sequence

from facade_allennlp.targets import TokenTarget
from facade_allennlp.texts.token_sequence import TokenSequence


@TokenTarget.register("longest_word")
class LongestWord(TokenTarget):
    """All pieces of the longest word, of equally long ones the first."""

    def _select(self, sequence: TokenSequence, allowed: Sequence[int]) -> list[int]:
        words = [word for i in allowed if (word := sequence.word_ids[i]) is not None]
        longest = max(words, key=lambda word: len(sequence.words[word]), default=None)
        return [position for position in allowed if sequence.word_ids[position] == longest]

"""What a row of token ids says: tokens, words, special tokens and segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Optional

from facade_allennlp.texts.characters import joined
from facade_allennlp.texts.spelling import Spelling


@dataclass(frozen=True)
class TokenSequence:
    """
    The real tokens (no padding) of one text field of one instance.

    # Parameters

    field : `str`
        The name of the text field in the model's input.
    tokens : `tuple[str, ...]`
        As the vocabulary spells them (`##ing`).
    texts : `tuple[str, ...]`
        What each of them stands for (`ing`), see `Spelling.text`.
    word_ids : `tuple[int | None, ...]`
        For each token the number of its word, `None` for special tokens.
    segment_ids : `tuple[int | None, ...]`
        For each token the number of its segment (0 for a premise, 1 for a hypothesis that follows
        it in the same field), `None` for special tokens. A segment is a run between special tokens.
    words : `tuple[str, ...]`
        Each word's text, lower-cased, pieces joined.
    added : `tuple[int, int]`
        How many tokens an indexer put before and behind those of the text field.
    """

    field: str
    tokens: tuple[str, ...]
    texts: tuple[str, ...]
    word_ids: tuple[Optional[int], ...]
    segment_ids: tuple[Optional[int], ...]
    words: tuple[str, ...]
    added: tuple[int, int] = (0, 0)

    @property
    def word_starts(self) -> list[int]:
        """The position of each word's first token."""
        return [self.word_ids.index(word) for word in range(len(self.words))]

    @classmethod
    def from_tokens(cls, field: str, tokens: Sequence[str], spelling: Spelling) -> "TokenSequence":
        word_ids: list[Optional[int]] = []
        segment_ids: list[Optional[int]] = []
        words: list[str] = []
        segments = 0
        first, end = spelling.before, len(tokens) - spelling.behind
        special = [
            token in spelling.special or not first <= position < end
            for position, token in enumerate(tokens)
        ]
        for is_special, run in groupby(zip(special, tokens), key=itemgetter(0)):
            pieces = [token for _, token in run]
            if is_special:
                word_ids += [None] * len(pieces)
                segment_ids += [None] * len(pieces)
                continue
            for word in _words(pieces, spelling):
                word_ids += [len(words)] * len(word)
                words.append(_text(word, spelling).strip().lower())
            segment_ids += [segments] * len(pieces)
            segments += 1
        return cls(
            field,
            tuple(tokens),
            tuple(map(spelling.text, tokens)),
            tuple(word_ids),
            tuple(segment_ids),
            tuple(words),
            (spelling.before, spelling.behind),
        )


def _words(tokens: Sequence[str], spelling: Spelling) -> list[list[str]]:
    """
    The tokens of a segment, word by word. Blanks that are tokens of their own belong to the word
    that follows, or to the last one.
    """
    words: list[list[str]] = []
    last = ""  # the text of the last word
    for characters in _characters(tokens, spelling):
        text = _text(characters, spelling)
        if words and _continues(words[-1][-1], last, characters[0], text, spelling):
            words[-1] += characters
            last += text
        else:
            words.append(characters)
            last = text
    if len(words) > 1 and not last.strip():
        blanks = words.pop()
        words[-1] += blanks
    return words


def _characters(tokens: Sequence[str], spelling: Spelling) -> list[list[str]]:
    """Tokens, those together that are parts of a character."""
    together: list[list[str]] = []
    for token in tokens:
        if together and spelling.content(token)[:1] in INSIDE_CHARACTERS:
            together[-1].append(token)
        else:
            together.append([token])
    return together


INSIDE_CHARACTERS = frozenset(bytes([byte]) for byte in range(0x80, 0xC0))
"""The bytes in UTF-8 that begin no character."""


def _text(tokens: Sequence[str], spelling: Spelling) -> str:
    return b"".join(map(spelling.content, tokens)).decode(errors="replace")


def _continues(before: str, word: str, token: str, text: str, spelling: Spelling) -> bool:
    """Whether `text`, of `token`, goes on with the word that the token `before` ends so far."""
    if not word.strip():
        return True
    if spelling.ends(before):
        return False
    begins = spelling.begins(token)
    return joined(word, text) if begins is None else not begins

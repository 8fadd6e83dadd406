"""
What a person typed: the original text of each word, through the tokenizer's character offsets.
"""

import functools
import inspect
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

from allennlp.data import DatasetReader, Instance, Token

from facade_allennlp.texts.token_sequence import TokenSequence


@dataclass
class SourceText:
    """
    What a model reads of an instance, text field by text field.

    # Parameters

    tokens : `list[str]`
        Real tokens, special tokens among them, as the vocabulary spells them.
    word_ids : `list[int | None]`
        The word that each token belongs to; `None` for special tokens.
    words : `list[str]`
        As they were typed.
    starts : `dict[str, int]`
        For each text field the place of its first token.
    """

    tokens: list[str]
    word_ids: list[Optional[int]]
    words: list[str]
    starts: dict[str, int]


def source_text(instance: Instance, sequences: Sequence[TokenSequence]) -> SourceText:
    """`sequences` are those of the instance's text fields, in the order of embedding."""
    text = SourceText([], [], [], {})
    for sequence in sequences:
        text.starts[sequence.field] = len(text.tokens)
        offset = len(text.words)
        text.tokens += sequence.tokens
        text.word_ids += [None if word is None else word + offset for word in sequence.word_ids]
        text.words += words(instance, sequence)
    return text


@dataclass
class ShownWord:
    """A word as it was typed, or a special token, and the positions of its tokens."""

    text: str
    positions: list[int]
    special: bool


def shown_words(text: SourceText) -> list[ShownWord]:
    """The words and special tokens in the order of the text."""
    shown: list[ShownWord] = []
    last: Optional[int] = None
    for position, (token, word) in enumerate(zip(text.tokens, text.word_ids)):
        if word is None or word != last:
            shown.append(ShownWord(token if word is None else text.words[word], [], word is None))
        last = word
        shown[-1].positions.append(position)
    return shown


class SourcedInstance(Instance):
    """
    An instance that remembers the texts it was made from.

    # Parameters

    instance : `Instance`
    texts : `dict[str, str]`
        By the name of the argument of `text_to_instance`, in its order.
    """

    __slots__ = ["texts"]

    def __init__(self, instance: Instance, texts: dict[str, str]) -> None:
        super().__init__(instance.fields)
        self.texts = texts


def keep_source_texts(reader: DatasetReader) -> None:
    """Lets the instances that `reader` makes from now on remember the texts they were made from."""
    make = reader.text_to_instance
    if hasattr(make, "__wrapped__"):
        return
    signature = inspect.signature(make)

    @functools.wraps(make)
    def text_to_instance(*args: Any, **kwargs: Any) -> Instance:
        instance = make(*args, **kwargs)
        if instance is None:
            return instance
        given = signature.bind_partial(*args, **kwargs).arguments
        texts = {name: value for name, value in given.items() if isinstance(value, str)}
        return SourcedInstance(instance, texts)

    reader.text_to_instance = text_to_instance  # type: ignore[method-assign]


def words(instance: Instance, sequence: TokenSequence) -> list[str]:
    """
    The words of `sequence` as they were typed: case kept, [UNK] undone. Where the tokenizer gives
    no offsets, or the instance does not remember its texts, as the vocabulary spells them.
    """
    texts = instance.texts if isinstance(instance, SourcedInstance) else {}
    tokens: Sequence[Token] = instance.fields[sequence.field].tokens  # type: ignore[attr-defined]
    spans: dict[int, tuple[str, int, int]] = {}
    for token, word, segment in zip(tokens, sequence.word_ids, sequence.segment_ids):
        if word is None or segment is None or token.idx is None:
            continue
        text = texts.get(sequence.field) or _nth(list(texts.values()), segment)
        end = _end(token, text or "")
        if text is not None and end <= len(text):
            start = spans[word][1] if word in spans else token.idx
            spans[word] = (text, start, end)
    typed = []
    for number, spelled in enumerate(sequence.words):
        text, start, end = spans.get(number, ("", 0, 0))
        typed.append(text[start:end].strip() or spelled)
    return typed


def _end(token: Token, text: str) -> int:
    """
    Where a token of `text` ends. Readers that shift offsets (`transformer_squad`) move only their
    start, so an end that does not fit what the token says is not believed.
    """
    start = token.idx or 0
    piece = (token.text or "").removeprefix("##").casefold()
    by_length = start + len(piece)
    fits = [
        end
        for end in (token.idx_end, by_length)
        if end is not None and text[start:end].casefold() == piece
    ]
    if fits:
        return fits[0]
    if token.idx_end is not None and token.idx_end > start:
        return token.idx_end
    return by_length


def _nth(values: list[str], index: int) -> str | None:
    return values[index] if index < len(values) else None


def direction(words: Sequence[str]) -> str:
    """
    `rtl` for a text whose first letter is of a script that runs from right to left, else `ltr`.
    """
    for character in "".join(words):
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"

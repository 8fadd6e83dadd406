"""
What a person typed: the original text of each word, through the tokenizer's character offsets.
"""

import functools
import inspect
from collections.abc import Sequence
from typing import Any

from allennlp.data import DatasetReader, Instance, Token

from facade_allennlp.texts.source_text import SourceText
from facade_allennlp.texts.token_sequence import TokenSequence


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

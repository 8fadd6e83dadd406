"""
What a person typed: the original text of each word, through the places of its tokens.
"""

import functools
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

from allennlp.data import DatasetReader, Instance, Token

from facade_allennlp.texts.characters import is_mark
from facade_allennlp.texts.length_limits import LengthLimits
from facade_allennlp.texts.source_text import SourceText
from facade_allennlp.texts.token_sequence import TokenSequence
from facade_allennlp.texts.token_starts import token_starts


def source_text(instance: Instance, sequences: Sequence[TokenSequence]) -> SourceText:
    """
    The words are as they were typed: case kept, [UNK] undone. Where the instance does not remember
    its texts, or a word is not found in them or is a blank, it is as the vocabulary spells it.
    Words that were made of the same character are one.

    # Parameters

    sequences : `Sequence[TokenSequence]`
        Those of the instance's text fields, in the order of embedding.
    """
    truncated = instance.truncated if isinstance(instance, SourcedInstance) else 0
    text = SourceText([], [], [], {}, truncated)
    for sequence in sequences:
        text.starts[sequence.field] = len(text.tokens)
        text.tokens += sequence.tokens
        spans = _spans(instance, sequence)
        last: Optional[Span] = None
        shown = []  # for each word of the sequence its number in the text
        for number, spelled in enumerate(sequence.words):
            span = spans.get(number)
            if last is not None and span is not None and last.overlaps(span):
                last.end = max(last.end, span.end)
                text.words[-1] = last.content
            else:
                last = span
                text.words.append((span.content if span else "") or spelled)
            shown.append(len(text.words) - 1)
        text.word_ids += [None if word is None else shown[word] for word in sequence.word_ids]
    return text


@dataclass
class Span:
    """A part of a text that was typed: its first character, and the one behind its last."""

    text: str
    start: int
    end: int

    @property
    def content(self) -> str:
        return self.text[self.start : self.end].strip()

    def overlaps(self, later: "Span") -> bool:
        return self.text == later.text and self.start <= later.start < self.end


class SourcedInstance(Instance):
    """
    An instance that remembers the texts it was made from.

    # Parameters

    instance : `Instance`
    texts : `dict[str, str]`
        By the name of the argument of `text_to_instance`, in its order.
    truncated : `int`
        How many tokens of them were left out.
    """

    __slots__ = ["texts", "truncated"]

    def __init__(self, instance: Instance, texts: dict[str, str], truncated: int) -> None:
        super().__init__(instance.fields)
        self.texts = texts
        self.truncated = truncated


def keep_source_texts(reader: DatasetReader) -> None:
    """Lets the instances that `reader` makes from now on remember the texts they were made from."""
    make = reader.text_to_instance
    if hasattr(make, "__wrapped__"):
        return
    signature = inspect.signature(make)
    limits = LengthLimits(reader)

    @functools.wraps(make)
    def text_to_instance(*args: Any, **kwargs: Any) -> Instance:
        instance, truncated = limits.made(lambda: make(*args, **kwargs))
        if instance is None:
            return instance
        given = signature.bind_partial(*args, **kwargs).arguments
        texts = {name: value for name, value in given.items() if isinstance(value, str)}
        if "tokenized_question" in given:
            truncated += limits.left_of_question(texts["question"], given["tokenized_question"])
        return SourcedInstance(instance, texts, truncated)

    reader.text_to_instance = text_to_instance  # type: ignore[method-assign]


def _spans(instance: Instance, sequence: TokenSequence) -> dict[int, Span]:
    """For each word, by its number, where it was typed, as far as that is known."""
    texts = instance.texts if isinstance(instance, SourcedInstance) else {}
    placed: dict[int, list[tuple[int, Token, str]]] = {}  # by segment
    for position, token in enumerate(_embedded(instance.fields[sequence.field], sequence)):
        segment, word = sequence.segment_ids[position], sequence.word_ids[position]
        if token is not None and segment is not None and word is not None:
            # Of a word that the vocabulary lacks the token itself knows the letters.
            known = token.text == sequence.tokens[position]
            piece = sequence.texts[position] if known else token.text or ""
            placed.setdefault(segment, []).append((word, token, piece))
    spans: dict[int, Span] = {}
    for segment, entries in placed.items():
        _, tokens, pieces = zip(*entries)
        own = texts.get(sequence.field)
        candidates = [own] if own else [*texts.values()] or [""]
        text, starts = _text_and_starts(tokens, pieces, candidates, segment)
        for (word, token, piece), start in zip(entries, starts):
            end = 0 if start is None else _end(token, start, piece, text)
            if start is not None and end <= len(text):
                span = spans.setdefault(word, Span(text, start, end))
                span.start, span.end = min(span.start, start), max(span.end, end)
    for span in spans.values():
        while is_mark(span.text[span.end : span.end + 1]):  # that the tokenizer left out
            span.end += 1
    return spans


def _embedded(field: Any, sequence: TokenSequence) -> Sequence[Optional[Token]]:
    """
    For each token that the model embeds the one of a text field that it is of; `None` for those
    that an indexer added. Nothing where that is not known.
    """
    tokens: list[Token] = field.tokens
    before, behind = sequence.added
    if before + len(tokens) + behind == len(sequence.tokens):
        return [*[None] * before, *tokens, *[None] * behind]
    for indexed in (field._indexed_tokens or {}).values():
        # An indexer that takes words apart says where the first and the last piece of each is.
        if "offsets" in indexed and len(indexed["token_ids"]) == len(sequence.tokens):
            pieces: list[Optional[Token]] = [None] * len(sequence.tokens)
            for token, (first, last) in zip(tokens, indexed["offsets"]):
                if first >= 0:  # some piece is left of it
                    pieces[first : last + 1] = [token] * (last + 1 - first)
            return pieces
    return []


def _text_and_starts(
    tokens: Sequence[Token], pieces: Sequence[str], texts: Sequence[str], segment: int
) -> tuple[str, list[Optional[int]]]:
    """
    The text that tokens with these pieces are of, and where in it they begin: the one that most of
    them fit, by itself the one with the number of their segment.
    """
    begun = [_starts(text, tokens) for text in texts]

    def fitting(number: int) -> tuple[int, bool]:
        fits = (_fits(start, piece, texts[number]) for start, piece in zip(begun[number], pieces))
        return sum(fits), number == segment

    best = max(range(len(texts)), key=fitting) if len(texts) > 1 else 0
    return texts[best], begun[best]


def _starts(text: str, tokens: Sequence[Token]) -> list[Optional[int]]:
    """Where tokens begin, of which one that was taken apart stands here for each of its pieces."""
    once = {id(token): token for token in tokens}
    starts = dict(zip(once, token_starts(text, list(once.values()))))
    return [starts[id(token)] for token in tokens]


def _fits(start: Optional[int], piece: str, text: str) -> bool:
    if start is None:
        return False
    return text[start : start + len(piece)].casefold() == piece.casefold()


def _end(token: Token, start: int, piece: str, text: str) -> int:
    """
    Where a token of `text` ends. Readers that shift offsets (`transformer_squad`) move only their
    start, so an end that does not fit what the token says is not believed.
    """
    if (
        token.idx_end is not None
        and text[start : token.idx_end].strip().casefold() == piece.casefold()
    ):
        return token.idx_end
    if _fits(start, piece, text) or token.idx_end is None or token.idx_end <= start:
        return start + len(piece)
    return token.idx_end

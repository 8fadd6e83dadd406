"""What a row of token ids says: tokens, words, special tokens and segments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Optional

SPECIAL_TOKENS = frozenset(
    ["[CLS]", "[SEP]", "[PAD]", "[MASK]", "<s>", "</s>", "<pad>", "<mask>", "<cls>", "<sep>"]
) | {"@start@", "@end@", "@@PADDING@@"}
"""Tokens that a tokenizer adds; never a target, and always kept by attacks."""


@dataclass(frozen=True)
class TokenSequence:
    """
    The real tokens (no padding) of one text field of one instance.

    # Parameters

    field : `str`
        The name of the text field in the model's input.
    tokens : `tuple[str, ...]`
        As the vocabulary spells them (`##ing`).
    word_ids : `tuple[int | None, ...]`
        For each token the number of its word, `None` for special tokens.
    segment_ids : `tuple[int | None, ...]`
        For each token the number of its segment (0 for a premise, 1 for a hypothesis that follows
        it in the same field), `None` for special tokens. A segment is a run between special tokens.
    words : `tuple[str, ...]`
        Each word's text, lower-cased, pieces joined.
    """

    field: str
    tokens: tuple[str, ...]
    word_ids: tuple[Optional[int], ...]
    segment_ids: tuple[Optional[int], ...]
    words: tuple[str, ...]

    @classmethod
    def from_tokens(cls, field: str, tokens: Sequence[str], marker: str) -> "TokenSequence":
        """`marker` is the vocabulary's `subword_marker`."""
        word_ids: list[Optional[int]] = []
        segment_ids: list[Optional[int]] = []
        words: list[str] = []
        segment = -1
        inside = False
        for token in tokens:
            if token in SPECIAL_TOKENS:
                inside = False
                word_ids.append(None)
                segment_ids.append(None)
                continue
            if not inside:
                segment += 1
            text = token.replace(marker, "").lower() if marker else token.lower()
            if inside and _continues(token, text, words[-1], marker):
                words[-1] += text
            else:
                words.append(text)
            inside = True
            word_ids.append(len(words) - 1)
            segment_ids.append(segment)
        return cls(field, tuple(tokens), tuple(word_ids), tuple(segment_ids), tuple(words))


def _continues(token: str, text: str, word: str, marker: str) -> bool:
    if marker == "##":
        return token.startswith(marker)
    # Byte-level and SentencePiece vocabularies mark the first piece, and glue punctuation to words.
    return bool(marker) and not token.startswith(marker) and text.isalnum() and word.isalnum()


def subword_marker(tokens: Iterable[str]) -> str:
    """`##` (continues a word), `Ġ` or `▁` (starts one), or `""` for a vocabulary of whole words."""
    tokens = list(tokens)
    for marker in ("##", "Ġ", "▁"):
        if any(len(token) > len(marker) and token.startswith(marker) for token in tokens):
            return marker
    return ""

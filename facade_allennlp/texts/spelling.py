"""How a vocabulary spells words: whole, or in pieces that say where a word begins or ends."""

import functools
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Optional

ALLENNLPS_TOKENS = frozenset(["@start@", "@end@", "@@PADDING@@"])
USUAL_SPECIAL_TOKENS = ALLENNLPS_TOKENS | frozenset(
    ["[CLS]", "[SEP]", "[PAD]", "[MASK]", "<s>", "</s>", "<pad>", "<mask>", "<cls>", "<sep>"]
)
"""Those of a vocabulary whose tokenizer is not known."""

FEWEST = 0.02
"""The share of a vocabulary's tokens that have a marker, where it is one of pieces."""

BYTE = re.compile(r"<0x([0-9A-F]{2})>")
"""A byte as SentencePiece spells one that no token holds."""


@dataclass(frozen=True)
class Spelling:
    """
    What the tokens of a vocabulary say. Without any marker each token is a word.

    >>> Spelling(inside="##").whole_word("##ing"), Spelling(beginning="▁").text("▁film")
    (False, 'film')

    # Parameters

    beginning : `str`, optional
        In front of the first piece of a word, for a space: `▁` of SentencePiece, `Ġ` of byte-level
        vocabularies. Punctuation is glued to words, so that letters alone continue one.
    inside : `str`, optional
        In front of all others: `##` of WordPiece.
    ending : `str`, optional
        Behind the last piece of a word: `</w>`.
    unfinished : `str`, optional
        Behind all others: `@@`.
    by_bytes : `bool`, optional (default = `False`)
        Whether a token spells bytes, a letter each, as in byte-level vocabularies.
    special : `frozenset[str]`
        Tokens that a tokenizer adds; never a target, and always kept by attacks.
    unknown : `str`, optional
        What stands for a word that the vocabulary lacks.
    mask, padding : `str`, optional
        What masked language models put in a word's place, and what makes texts of one length.
    added : `frozenset[str]`
        Words that were added to the vocabulary, which have no marker.
    before, behind : `int`, optional (default = `0`)
        How many special tokens an indexer puts around the tokens of a text, whatever the vocabulary
        makes of them.
    """

    beginning: str = ""
    inside: str = ""
    ending: str = ""
    unfinished: str = ""
    by_bytes: bool = False
    special: frozenset[str] = USUAL_SPECIAL_TOKENS
    unknown: Optional[str] = None
    mask: Optional[str] = None
    padding: Optional[str] = None
    added: frozenset[str] = frozenset()
    before: int = 0
    behind: int = 0

    @classmethod
    def by_vocabulary(cls, tokens: Iterable[str]) -> "Spelling":
        """That of a vocabulary whose tokenizer is not known: by the marker of most tokens."""
        ordinary = [token for token in tokens if token not in USUAL_SPECIAL_TOKENS]
        ordinary = [token for token in ordinary if not token.startswith("@@")]  # AllenNLP's own
        best, most = cls(), max(1.0, FEWEST * len(ordinary))
        for spelling in MARKED:
            marked = sum(map(spelling.marked, ordinary))
            if marked >= most:
                best, most = spelling, marked + 1
        return best

    @classmethod
    def by_tokenizer(cls, tokenizer: Any) -> "Spelling":
        """
        That of a tokenizer of transformers, by its own parts; by its vocabulary where these do not
        say it. Its special tokens are all that it names, but the one for unknown words.
        """
        spelling = _by_backend(tokenizer) or _by_class(tokenizer)
        if spelling is None:
            spelling = cls.by_vocabulary(tokenizer.get_vocab())
        roles = dict(tokenizer.special_tokens_map)
        unknown = roles.pop("unk_token", None)
        added = list(tokenizer.added_tokens_decoder.values())
        special = {token.content for token in added if token.special} - {unknown}
        for named in roles.values():
            special.update(map(str, named if isinstance(named, list) else [named]))
        return replace(
            spelling,
            special=ALLENNLPS_TOKENS | special,
            unknown=unknown,
            mask=roles.get("mask_token"),
            padding=roles.get("pad_token"),
            added=frozenset(token.content for token in added) - special - {unknown},
        )

    def marked(self, token: str) -> bool:
        """Whether a token has this spelling's marker, and something besides."""
        front, back = self.beginning + self.inside, self.ending + self.unfinished
        length = len(front) + len(back)
        return len(token) > length > 0 and token.startswith(front) and token.endswith(back)

    def content(self, token: str) -> bytes:
        """
        What a token stands for, in UTF-8, maybe a part of a character; with a space in front where
        it begins a word.
        """
        if token not in self._contents:
            self._contents[token] = self._content(token)
        return self._contents[token]

    @functools.cached_property
    def _contents(self) -> dict[str, bytes]:
        """Those of the tokens that were asked for before: each stands in many texts."""
        return {}

    def _content(self, token: str) -> bytes:
        if token == self.unknown or token in self.added:
            return token.encode(errors="replace")
        letters = bytes_by_letter()
        if self.by_bytes and all(letter in letters for letter in token):
            return bytes(letters[letter] for letter in token)
        byte = BYTE.fullmatch(token) if self.beginning else None
        if byte:
            return bytes.fromhex(byte[1])
        if self.marked(token):
            token = token.removeprefix(self.inside)
            token = token.removesuffix(self.ending or self.unfinished)
        if self.beginning:
            token = token.replace(self.beginning, " ")
        return token.encode(errors="replace")

    def text(self, token: str) -> str:
        """What a token stands for, without blanks around it; `�` for a part of a character."""
        return self.content(token).decode(errors="replace").strip()

    def begins(self, token: str) -> Optional[bool]:
        """Whether a token begins a word; `None` where that is told by its letters."""
        if token in self.added:
            return True
        if self.inside:
            return not self.marked(token)
        if self.beginning:
            return True if self.content(token).decode(errors="replace")[:1].isspace() else None
        return not (self.ending or self.unfinished)

    def ends(self, token: str) -> bool:
        """Whether no token that follows can continue the word."""
        if token in self.added:
            return True
        if self.ending:
            return token.endswith(self.ending)
        return bool(self.unfinished) and not self.marked(token)

    def whole_word(self, token: str) -> bool:
        """Whether a token by itself is a word of letters and digits, and begins one in a text."""
        if token in self.special or token == self.unknown:
            return False
        first = self.marked(token) if self.beginning or self.ending else not self.marked(token)
        try:
            return first and self.content(token).decode().strip().isalnum()
        except UnicodeDecodeError:
            return False

    def spells(self, word: str, vocabulary: Collection[str]) -> bool:
        """Whether a vocabulary holds a word, whole or in pieces."""
        if self.by_bytes:
            letters = {byte: letter for letter, byte in bytes_by_letter().items()}
            word = "".join(letters[byte] for byte in word.encode())
        if self.beginning:
            return any(_in_pieces(text, vocabulary) for text in (self.beginning + word, word))
        if not (self.inside or self.ending or self.unfinished):
            return word in vocabulary
        start = 0
        while start < len(word):  # from the left, the longest piece first
            ends = (
                end
                for end in range(len(word), start, -1)
                if self._piece(word, start, end) in vocabulary
            )
            start = next(ends, 0)
            if not start:
                return False
        return True

    def _piece(self, word: str, start: int, end: int) -> str:
        front = self.inside if start else ""
        return front + word[start:end] + (self.ending if end == len(word) else self.unfinished)


MARKED = (
    Spelling(inside="##"),
    Spelling(beginning="Ġ", by_bytes=True),
    Spelling(beginning="▁"),
    Spelling(ending="</w>"),
    Spelling(unfinished="@@"),
)


def _in_pieces(text: str, vocabulary: Collection[str]) -> bool:
    """Whether a text can be put together of tokens."""
    reached = {0}
    for end in range(1, len(text) + 1):
        if any(text[start:end] in vocabulary for start in reached):
            reached.add(end)
    return len(text) in reached


def _by_backend(tokenizer: Any) -> Optional[Spelling]:
    """By the parts of a fast tokenizer."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return None
    kind = type(backend.model).__name__
    if kind == "WordPiece":
        return Spelling(inside=backend.model.continuing_subword_prefix)
    parts = [
        part
        for own in (backend.pre_tokenizer, backend.decoder)
        if own is not None
        for part in _nested(json.loads(own.__getstate__()))
    ]
    kinds = {part["type"]: part for part in parts}
    if "ByteLevel" in kinds:
        return Spelling(beginning="Ġ", by_bytes=True)
    if "Metaspace" in kinds:
        return Spelling(beginning=kinds["Metaspace"].get("replacement", "▁"))
    if kind == "Unigram" or any(
        part["type"] == "Replace" and part["pattern"] == {"String": "▁"} for part in parts
    ):
        return Spelling(beginning="▁")
    if kind == "WordLevel":
        return Spelling()
    ending = getattr(backend.model, "end_of_word_suffix", None)
    inside = getattr(backend.model, "continuing_subword_prefix", None)
    return Spelling(ending=ending or "", inside=inside or "") if ending or inside else None


def _nested(part: Any) -> Iterator[dict[str, Any]]:
    """The parts of a pre-tokenizer or decoder, a sequence's one by one."""
    inner = part.get("pretokenizers") or part.get("decoders")
    if inner is None:
        yield part
        return
    for own in inner:
        yield from _nested(own)


def _by_class(tokenizer: Any) -> Optional[Spelling]:
    """By what a slow tokenizer is made of."""
    if hasattr(tokenizer, "sp_model"):
        return Spelling(beginning="▁")
    if hasattr(tokenizer, "byte_encoder"):
        return Spelling(beginning="Ġ", by_bytes=True)
    if hasattr(tokenizer, "wordpiece_tokenizer"):
        return Spelling(inside="##")
    return None


@functools.cache
def bytes_by_letter() -> dict[str, int]:
    """
    The bytes that letters stand for in byte-level vocabularies (Radford et al. 2019): those that
    can be seen for themselves, all others by the letters from 256 on.
    """
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    unseen = sorted(set(range(256)) - set(seen))
    return {
        **{chr(byte): byte for byte in seen},
        **{chr(256 + number): byte for number, byte in enumerate(unseen)},
    }

"""How texts become rows of token ids, and what of them a target chooses."""

import functools
import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, TokenIndexer, Vocabulary
from allennlp.data.token_indexers import PretrainedTransformerIndexer, SingleIdTokenIndexer

from facade_allennlp.targets import TokenTarget
from facade_allennlp.targets.token_target import SEGMENTS
from facade_allennlp.texts.reader_spellings import reader_parts, reader_spellings
from facade_allennlp.texts.spelling import Spelling
from facade_allennlp.texts.token_sequence import TokenSequence


class Frame(NamedTuple):
    """The ids of the special tokens before, between and behind the parts of a text."""

    around: tuple[tuple[int, ...], ...]

    @property
    def parts(self) -> int:
        return len(self.around) - 1

    def ids(self, parts: Sequence[Sequence[int]]) -> list[int]:
        front, *behind = self.around
        return [*front, *(i for part, after in zip(parts, behind) for i in (*part, *after))]

    def types(self, parts: Sequence[Sequence[int]]) -> list[int]:
        """For each token the number of its part, as token types count them."""
        front, *behind = self.around
        counts = [len(part) + len(after) for part, after in zip(parts, behind)]
        return [0] * len(front) + [n for n, count in enumerate(counts) for _ in range(count)]


class TextForm:
    """
    The texts of a reader with one token indexer, whose ids a model embeds.

    >>> form = TextForm.of_reader(archive.dataset_reader, archive.model.vocab)
    >>> form.chosen(StopWords(), form.single, [[form.ids["the"], form.ids["film"]]])
    [0]

    # Parameters

    ids : `dict[str, int]`
        Of all tokens.
    spelling : `Spelling`
    single : `Frame`
        Around a text.
    pair : `Frame`, optional
        Around two texts in one field, where the tokenizer joins such.
    """

    def __init__(
        self, ids: dict[str, int], spelling: Spelling, single: Frame, pair: Optional[Frame]
    ) -> None:
        self.ids = ids
        self.tokens = {index: token for token, index in ids.items()}
        self.spelling = spelling
        self.single = single
        self.pair = pair

    @classmethod
    def of_reader(cls, reader: DatasetReader, vocabulary: Vocabulary) -> "TextForm":
        """
        # Raises

        `ConfigurationError` : the reader has no token indexer that gives one id for each token, or
            several.
        """
        indexers = {id(indexer): indexer for _, indexer in reader_parts(reader, TokenIndexer)}
        kinds = (PretrainedTransformerIndexer, SingleIdTokenIndexer)
        if len(indexers) != 1 or not isinstance(next(iter(indexers.values())), kinds):
            held = ", ".join(type(indexer).__name__ for indexer in indexers.values()) or "none"
            raise ConfigurationError(
                "a facade is constructed for models that read texts by one token indexer, "
                f"pretrained_transformer or single_id; this one's are: {held}"
            )
        indexer = next(iter(indexers.values()))
        if isinstance(indexer, PretrainedTransformerIndexer):
            tokenizer = indexer._tokenizer
            return cls(
                tokenizer.get_vocab(),
                Spelling.by_tokenizer(tokenizer),
                _frame(tokenizer, 1),
                _frame(tokenizer, 2),
            )
        namespace = indexer.namespace
        spellings = reader_spellings(reader)
        ids = vocabulary.get_token_to_index_vocabulary(namespace)
        around = tuple(
            tuple(vocabulary.get_token_index(str(token), namespace) for token in tokens)
            for tokens in (indexer._start_tokens, indexer._end_tokens)
        )
        spelling = spellings.get(namespace) or Spelling.by_vocabulary(ids)
        return cls(dict(ids), spelling, Frame(around), None)

    @functools.cached_property
    def ordinary(self) -> list[int]:
        """
        The ids of all tokens but the special ones. In order: fast tokenizers give their vocabulary
        in another one in each process, and what is drawn from it is to be the same.
        """
        special = self.spelling.special
        return sorted(index for token, index in self.ids.items() if token not in special)

    @functools.cached_property
    def words(self) -> list[int]:
        """The ids of tokens that stand for a word of their own, whatever stands beside them."""
        return [index for index in self.ordinary if self.spelling.whole_word(self.tokens[index])]

    @property
    def front(self) -> set[int]:
        """The special tokens in front of all texts, if others stand behind them."""
        first, *_, last = self.single.around
        return set(first) if set(last) - set(first) else set()

    @property
    def around(self) -> set[int]:
        """The special tokens that every text has, or every pair."""
        frames = [self.single] + ([self.pair] if self.pair else [])
        return {index for frame in frames for tokens in frame.around for index in tokens}

    def bare(self, parts: int) -> Frame:
        """No special tokens but those between the parts: what targets go by, and faster."""
        if parts == 1:
            return Frame(((), ()))
        assert self.pair is not None
        return Frame(((), self.pair.around[1], ()))

    def chosen(
        self, target: TokenTarget, frame: Frame, parts: Sequence[Sequence[int]]
    ) -> list[int]:
        """
        The tokens of a text that are targets, counted over its parts without the special tokens
        around them. Each of `parts` holds ids.
        """
        sequence = self.sequence(target, frame, parts)
        ordinary = [i for i, word in enumerate(sequence.word_ids) if word is not None]
        return [ordinary.index(position) for position in target.positions(sequence)]

    def sequence(
        self, target: TokenTarget, frame: Frame, parts: Sequence[Sequence[int]]
    ) -> TokenSequence:
        """A text of these parts, each of ids, as the target sees it."""
        tokens = [self.tokens[index] for index in frame.ids(parts)]
        field = "" if target.field is None or target.field in SEGMENTS else target.field
        return TokenSequence.from_tokens(field, tokens, self.spelling)


def _frame(tokenizer: Any, parts: int) -> Frame:
    """The special tokens that a tokenizer puts around one text, or two."""
    build = tokenizer.build_inputs_with_special_tokens
    marks = [-1 - part for part in range(parts)]  # no token has such an id
    ids = build(*([mark] for mark in marks))
    places = [-1, *(ids.index(mark) for mark in marks), len(ids)]
    return Frame(tuple(tuple(ids[a + 1 : b]) for a, b in itertools.pairwise(places)))

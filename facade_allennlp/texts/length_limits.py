"""How much of a text a dataset reader leaves out, where it is longer than a model is to read."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Optional

from allennlp.data import DatasetReader, Instance, Token, Tokenizer

from facade_allennlp.sources.corpus import text_fields
from facade_allennlp.texts.reader_spellings import reader_parts

OF_TOKENIZERS = ("_max_length", "max_length")
OF_READERS = ("_max_sequence_length",)
"""What AllenNLP's parts, and our own, call the most tokens of a text."""


class LengthLimits:
    """
    The lengths to which a reader, and the tokenizers in it, cut texts.

    # Parameters

    reader : `DatasetReader`
    """

    def __init__(self, reader: DatasetReader) -> None:
        self._tokenizers = [tokenizer for _, tokenizer in reader_parts(reader, Tokenizer)]
        self._most_of_question = getattr(reader, "max_query_length", None)
        parts = [(part, OF_TOKENIZERS) for part in self._tokenizers]
        self._limits: list[tuple[Any, str, int]] = [
            (part, name, limit)
            for part, names in [*parts, (reader, OF_READERS)]
            for name in names
            if isinstance(limit := vars(part).get(name), int)
        ]
        self._lock = threading.Lock()

    def made(self, make: Callable[[], Optional[Instance]]) -> tuple[Optional[Instance], int]:
        """
        What `make` makes by the reader, and how many tokens of its texts are left out: by making it
        once more without the limits, where it may have met one.
        """
        with self._lock:
            instance = make()
            shortest = min((limit for _, _, limit in self._limits), default=None)
            if instance is None or shortest is None or _longest(instance) < shortest:
                return instance, 0
            with self._lifted():
                whole = make()
        return instance, 0 if whole is None else _tokens(whole) - _tokens(instance)

    def left_of_question(self, question: str, tokens: Sequence[Token]) -> int:
        """
        How many tokens of a question `transformer_squad` left out before it made an instance.

        # Parameters

        tokens : `Sequence[Token]`
            What it kept.
        """
        if len(tokens) != self._most_of_question:
            return 0
        return len(self._tokenizers[0].tokenize(question)) - len(tokens)

    @contextmanager
    def _lifted(self) -> Iterator[None]:
        try:
            for part, name, _ in self._limits:
                setattr(part, name, None)
            yield
        finally:
            for part, name, limit in self._limits:
                setattr(part, name, limit)


def _longest(instance: Instance) -> int:
    return max((len(text) for text in text_fields(instance.fields.values())), default=0)


def _tokens(instance: Instance) -> int:
    return sum(len(text) for text in text_fields(instance.fields.values()))

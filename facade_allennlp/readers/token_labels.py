import re
from collections.abc import Iterable, Sequence
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance, Token, TokenIndexer, Tokenizer
from allennlp.data.fields import TextField

from facade_allennlp.readers.json_instances import json_instances
from facade_allennlp.readers.word_label_field import WordLabelField
from facade_allennlp.texts.token_starts import token_starts

WORD = re.compile(r"\w+|[^\w\s]")
"""A word of a text that is not told apart into words: letters and digits, or another character."""


@DatasetReader.register("token_labels")
class TokenLabelsReader(DatasetReader):
    """
    Texts with a label for each word, as `{"words": ["Ann", "left"], "labels": ["B-PER", "O"]}` on
    each line. Words are joined by blanks, and a tokenizer makes tokens of the whole; the label of a
    word is that of its first token. Fields are `tokens` and `tags`, a `WordLabelField`.

    # Parameters

    tokenizer : `Tokenizer`
    token_indexers : `dict[str, TokenIndexer]`
    words_key, labels_key : `str`, optional (default = `"words"`, `"labels"`)
        Their names in the data.
    settings : `Any`
        Those of `DatasetReader`.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        token_indexers: dict[str, TokenIndexer],
        words_key: str = "words",
        labels_key: str = "labels",
        **settings: Any,
    ) -> None:
        super().__init__(
            manual_distributed_sharding=True, manual_multiprocess_sharding=True, **settings
        )
        self._tokenizer = tokenizer
        self._token_indexers = token_indexers
        self._words_key = words_key
        self._labels_key = labels_key

    def _read(self, file_path: str) -> Iterable[Instance]:
        def instance(entry: dict[str, Any]) -> Instance:
            words = entry[self._words_key]
            return self.text_to_instance(" ".join(words), words, entry.get(self._labels_key))

        return json_instances(self, file_path, instance)

    def text_to_instance(  # type: ignore[override]
        self,
        text: str,
        words: Optional[Sequence[str]] = None,
        labels: Optional[Sequence[str]] = None,
    ) -> Instance:
        """
        # Parameters

        text : `str`
        words : `Sequence[str]`, optional
            Those of the text, in order; by default its letters and digits, and each other
            character.
        labels : `Sequence[str]`, optional
            One for each word.

        # Raises

        `ValueError` : not one label for each word.
        `ConfigurationError` : the tokenizer does not tell where its tokens stand in the text.
        """
        tokens = self._tokenizer.tokenize(text)
        field = TextField(tokens)
        instance = Instance({"tokens": field})
        if labels is None:
            return instance
        words = WORD.findall(text) if words is None else words
        if len(words) != len(labels):
            raise ValueError(f"there are {len(labels)} labels for {len(words)} words")
        tags: list[Optional[str]] = [None] * len(tokens)
        for label, place in zip(labels, self._first_tokens(text, words, tokens)):
            if place is not None:  # a word may be cut off
                tags[place] = label
        instance.add_field("tags", WordLabelField(tags, field))
        return instance

    def apply_token_indexers(self, instance: Instance) -> None:
        instance.fields["tokens"].token_indexers = self._token_indexers  # type: ignore[attr-defined]

    def _first_tokens(
        self, text: str, words: Sequence[str], tokens: Sequence[Token]
    ) -> list[Optional[int]]:
        """For each word the place of its first token; `None` where it has none."""
        starts = token_starts(text, tokens)
        if words and all(start is None for start in starts):
            raise ConfigurationError(
                f"{type(self._tokenizer).__name__} does not tell where in a text its tokens stand, "
                "so that it is not known which token is the first of a word: use another tokenizer"
            )
        places: list[Optional[int]] = []
        end = 0
        for word in words:
            before, end = end, text.index(word, end) + len(word)
            # From the end of the word before, as a token may take a blank with it.
            inside = (p for p, at in enumerate(starts) if at is not None and before <= at < end)
            places.append(next(inside, None))
        return places

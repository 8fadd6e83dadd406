"""From rows of token ids to what they say."""

from collections.abc import Mapping, Sequence
from typing import Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from torch import Tensor

from facade_allennlp.sources.transformers import loaded_tokenizer
from facade_allennlp.texts.spelling import Spelling
from facade_allennlp.texts.token_sequence import TokenSequence


class TokenReader:
    """
    Reads rows of token ids.

    # Parameters

    vocabulary : `Vocabulary`
    spellings : `Mapping[str, Spelling]`, optional
        How the vocabulary's namespaces spell words, see `reader_spellings`. By default as the
        tokenizer does whose vocabulary a namespace holds, else as its own tokens tell.
    """

    def __init__(
        self, vocabulary: Vocabulary, spellings: Optional[Mapping[str, Spelling]] = None
    ) -> None:
        self.vocabulary = vocabulary
        self.given = dict(spellings or {})
        self._spellings: dict[tuple[str, int], Spelling] = {}

    def spelling(self, namespace: str) -> Spelling:
        """How the tokens of a namespace spell words."""
        if namespace in self.given:
            return self.given[namespace]
        tokens = self.vocabulary.get_token_to_index_vocabulary(namespace)
        # A pretrained vocabulary is filled in when the first instance is indexed.
        key = (namespace, len(tokens))
        if key not in self._spellings:
            tokenizer = loaded_tokenizer(tokens)
            self._spellings[key] = (
                Spelling.by_vocabulary(tokens)
                if tokenizer is None
                else Spelling.by_tokenizer(tokenizer)
            )
        return self._spellings[key]

    def sequence(self, field: str, ids: Sequence[int], namespace: str) -> TokenSequence:
        """
        The sequence that a row of ids (without padding) stands for.

        # Raises

        `ConfigurationError` : the vocabulary has no such namespace, or not all of the ids in it.
        """
        tokens = self.vocabulary.get_index_to_token_vocabulary(namespace)
        unknown = next((i for i in ids if i not in tokens), None)
        if unknown is not None:
            raise ConfigurationError(
                f"the vocabulary has no token {unknown} under the namespace {namespace!r}, so the "
                f"field {field!r} cannot be read; give the namespace of its token indexer"
            )
        return TokenSequence.from_tokens(field, [tokens[i] for i in ids], self.spelling(namespace))

    def sequences(
        self, field: str, ids: Tensor, mask: Tensor, namespace: str
    ) -> list[TokenSequence]:
        """
        Those of several rows.

        # Parameters

        ids : `Tensor`
            Shape: (rows, tokens).
        mask : `Tensor`
            True for real tokens. Same shape.
        """
        return [
            self.sequence(field, row[real].tolist(), namespace)
            for row, real in zip(ids.cpu(), mask.cpu())
        ]

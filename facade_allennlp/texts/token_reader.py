"""From rows of token ids to what they say."""

from collections.abc import Sequence

from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary

from facade_allennlp.texts.token_sequence import TokenSequence, subword_marker


class TokenReader:
    """
    Reads rows of token ids.

    # Parameters

    vocabulary : `Vocabulary`
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._markers: dict[tuple[str, int], str] = {}

    def sequence(self, field: str, ids: Sequence[int], namespace: str) -> TokenSequence:
        """
        The sequence that a row of ids (without padding) stands for.

        # Raises

        `ConfigurationError` : the vocabulary has no such namespace, or not all of the ids in it.
        """
        spelling = self.vocabulary.get_index_to_token_vocabulary(namespace)
        unknown = next((i for i in ids if i not in spelling), None)
        if unknown is not None:
            raise ConfigurationError(
                f"the vocabulary has no token {unknown} under the namespace {namespace!r}, so the "
                f"field {field!r} cannot be read; give the namespace of its token indexer"
            )
        # A pretrained vocabulary is filled in when the first instance is indexed.
        key = (namespace, len(spelling))
        if key not in self._markers:
            self._markers[key] = subword_marker(spelling.values())
        return TokenSequence.from_tokens(field, [spelling[i] for i in ids], self._markers[key])

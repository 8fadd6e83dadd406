"""Training texts with some words exchanged, so that a facade also knows words the corpus lacks."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from facade_allennlp.attribution.inputs import text_fields
from facade_allennlp.texts.token_reader import TokenReader


class RandomTokens:
    """
    Exchanges tokens at random.

    # Parameters

    reader : `TokenReader`
        Knows the vocabulary, and which of its tokens are special.
    namespaces : `Mapping[str, str]`
        Vocabulary namespaces by the indexer's name for the ids (`ExplainedModel.namespaces`).
    share : `float`
        The probability with which a token is exchanged.
    """

    def __init__(self, reader: TokenReader, namespaces: Mapping[str, str], share: float) -> None:
        self.reader = reader
        self.namespaces = namespaces
        self.share = share
        self._ordinary: dict[tuple[str, int], Tensor] = {}

    def exchanged(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """
        A batch in which some ordinary tokens are others, drawn evenly from the vocabulary. Special
        tokens and padding stay.
        """
        changed = dict(inputs)
        for name, field in text_fields(inputs).items():
            changed[name] = {
                indexer: {
                    ids_name: self._exchange(ids, self.namespaces[ids_name])
                    if ids_name in self.namespaces
                    else ids
                    for ids_name, ids in indexed.items()
                }
                for indexer, indexed in field.items()
            }
        return changed

    def _exchange(self, ids: Tensor, namespace: str) -> Tensor:
        ordinary = self._ordinary_ids(namespace).to(ids.device)
        drawn = ordinary[torch.randint(len(ordinary), ids.shape, device=ids.device)]
        chosen = torch.rand(ids.shape, device=ids.device) < self.share
        chosen &= torch.isin(ids, ordinary) & self._of_the_text(ids, namespace)
        return torch.where(chosen, drawn, ids)

    def _of_the_text(self, ids: Tensor, namespace: str) -> Tensor:
        """False for padding and what an indexer puts around a text, whatever its tokens say."""
        spelling = self.reader.spelling(namespace)
        place = (ids != 0).cumsum(dim=-1)  # from 1
        return (place > spelling.before) & (place <= place[..., -1:] - spelling.behind)

    def _ordinary_ids(self, namespace: str) -> Tensor:
        """Ids of all tokens but the special ones. Shape: (tokens,)."""
        tokens = self.reader.vocabulary.get_token_to_index_vocabulary(namespace)
        # A pretrained vocabulary is filled in when the first instance is indexed.
        key = (namespace, len(tokens))
        if key not in self._ordinary:
            special = self.reader.spelling(namespace).special
            ids = [index for token, index in tokens.items() if token not in special]
            self._ordinary[key] = torch.tensor(ids)
        return self._ordinary[key]

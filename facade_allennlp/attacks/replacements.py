from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor

from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.errors import with_article

MAX_SCORES = 2**24
"""The most scores (rows times vocabulary) that are held at once."""


class Replacements:
    """
    The vocabulary tokens that may stand in for another: alphanumeric, as in AllenNLP's `hotflip`,
    none that a tokenizer adds, and in a vocabulary of pieces only whole words.

    # Parameters

    explained : `ExplainedModel`
    namespace : `str`
        Of the attacked field's tokens in the vocabulary.

    # Raises

    `ConfigurationError` : the model's embedding layer is no table, or no token may stand in.
    """

    def __init__(self, explained: ExplainedModel, namespace: str) -> None:
        layer: Any = explained.embedding_layer
        table = getattr(layer, "weight", None)
        if table is None:
            raise ConfigurationError(
                f"HotFlip needs a table of embeddings to choose tokens from, but the model's "
                f"embedding layer is {with_article(type(layer).__name__)}"
            )
        self.table: Tensor = table.detach()  # shape: (vocabulary, features)
        tokens = explained.model.vocab.get_index_to_token_vocabulary(namespace)
        spelling = explained.reader.spelling(namespace)
        self.allowed = torch.zeros(len(self.table), dtype=torch.bool)  # shape: (vocabulary,)
        self.allowed[[i for i, token in tokens.items() if spelling.whole_word(token)]] = True
        if not self.allowed.any():
            raise ConfigurationError(
                f"no token of the vocabulary (namespace {namespace!r}) is alphanumeric, so HotFlip "
                "has nothing to replace tokens with"
            )
        self.allowed = self.allowed.to(self.table.device)

    def furthest(self, directions: Tensor, current: Tensor) -> Tensor:
        """
        The tokens whose embeddings lie furthest in a direction: with the gradient of the loss as
        the direction, those that raise it the most to first order.

        # Parameters

        directions : `Tensor`
            Shape: (rows, features).
        current : `Tensor`
            Ids of the tokens to replace, which are never chosen. Shape: (rows,).

        # Returns

        `Tensor` : ids, of shape (rows,).
        """
        rows = max(1, MAX_SCORES // len(self.table))
        chosen = []
        for part, own in zip(directions.split(rows), current.split(rows)):
            # (e_new - e_old) · direction is largest where e_new · direction is.
            scores = (part @ self.table.T).masked_fill(~self.allowed, -torch.inf)
            scores.scatter_(1, own.unsqueeze(-1), -torch.inf)
            chosen.append(scores.argmax(dim=-1))
        return torch.cat(chosen)

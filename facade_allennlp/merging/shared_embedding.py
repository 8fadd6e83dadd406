"""One embedding layer for two networks that stay apart."""

from typing import Any

from allennlp.modules.token_embedders import Embedding
from torch import Tensor, nn

from facade_allennlp.anatomy import EmbeddingHolder, embedding_layer
from facade_allennlp.merging.layers import ConcatenatedEmbedding


class EmbeddingPart(nn.Module):
    """
    Stands in a network where its own embedding was: its features of the shared embedding.

    # Parameters

    shared : `SharedEmbedding`
    start, width : `int`
        This part's features.
    """

    def __init__(self, shared: "SharedEmbedding", start: int, width: int) -> None:
        super().__init__()
        self._shared = (shared,)  # in a tuple: its parameters are not this module's
        self.start = start
        self.width = width

    def forward(self, ids: Tensor) -> Tensor:
        """From (rows, tokens) to (rows, tokens, features of this part)."""
        return self._shared[0].embed(ids).narrow(-1, self.start, self.width)


class SharedEmbedding(EmbeddingHolder):
    """
    Holds the embedding layers of several networks as one, and takes their place in each. A model
    that registers this module first has the concatenated one as its embedding layer.

    # Parameters

    networks : `nn.Module`
        Networks whose embedding layers are tables (torch's or AllenNLP's) with as many rows.

    # Raises

    `ValueError` : an embedding layer is something else, or the tables differ in their rows.
    """

    def __init__(self, *networks: nn.Module) -> None:
        super().__init__()
        layers: list[Any] = [embedding_layer(network) for network in networks]
        for layer in layers:
            if not isinstance(layer, (nn.Embedding, Embedding)):
                raise ValueError(f"{type(layer).__name__} is no table of embeddings")
        rows = [layer.num_embeddings for layer in layers]
        if len(set(rows)) > 1:
            raise ValueError(f"their vocabularies have {' and '.join(map(str, rows))} tokens")
        self.word_embeddings = ConcatenatedEmbedding(layers)
        self._pending: list[tuple[Tensor, Tensor, int]] = []
        start = 0
        for network, layer in zip(networks, layers):
            width = layer.weight.shape[1]
            part = EmbeddingPart(self, start, width)
            for parent in list(network.modules()):
                for name, child in list(parent.named_children()):
                    if child is layer:
                        setattr(parent, name, part)
            start += width
        self._readers = len(networks)

    def forget(self) -> None:
        """To be called before each forward pass of the networks."""
        self._pending.clear()

    def embed(self, ids: Tensor) -> Tensor:
        """
        The shared embedding of `ids`, computed once for all networks that ask for the same ids.
        """
        for place, (known, embedded, reads) in enumerate(self._pending):
            if reads < self._readers and known.shape == ids.shape and bool((known == ids).all()):
                self._pending[place] = (known, embedded, reads + 1)
                return embedded
        embedded = self.word_embeddings(ids)
        self._pending.append((ids, embedded, 1))
        return embedded

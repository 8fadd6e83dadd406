"""Layers of a merged network that keep each part's weights on their own (structured storage)."""

from collections.abc import Sequence
from typing import Any, Union

import torch
from allennlp.modules import TokenEmbedder
from allennlp.modules.text_field_embedders import BasicTextFieldEmbedder
from allennlp.modules.token_embedders import Embedding
from torch import Tensor, nn


def interleaved(widths: Sequence[Sequence[int]]) -> Tensor:
    """
    Where features lie. Parts side by side give all features of one part before those of the next:
    [f forward, f backward, g forward, g backward]. An ordinary wide layer that works block by block
    (a table for each token indexer, a direction of a recurrent network) holds both parts in each
    block: [f forward, g forward, f backward, g backward].

    # Parameters

    widths : `Sequence[Sequence[int]]`
        For each part the number of features in each block.

    # Returns

    `Tensor` : for each feature of the wide layer its place in the parts side by side. Shape:
    (features,).
    """
    features = torch.arange(sum(map(sum, widths)))
    parts = features.split([sum(blocks) for blocks in widths])
    by_part = [part.split(list(blocks)) for part, blocks in zip(parts, widths)]
    return torch.cat([block for same_block in zip(*by_part) for block in same_block])


class ConcatenatedEmbedding(nn.Embedding):
    """
    Embeddings of the same ids side by side on the feature axis: the one embedding layer of a merged
    model, so that x_i of eq. 1 is the concatenated embedding.

    # Parameters

    parts : `Sequence[nn.Embedding | Embedding]`
        Tables of torch's kind or AllenNLP's, with the same number of rows.
    """

    def __init__(self, parts: Sequence[Any]) -> None:
        nn.Module.__init__(self)
        self.parts = nn.ModuleList(parts)
        self.embedding_dim = sum(part.weight.shape[1] for part in parts)
        self.padding_idx = getattr(parts[0], "padding_idx", None)

    @property
    def num_embeddings(self) -> int:  # type: ignore[override]
        return self.parts[0].num_embeddings  # type: ignore[return-value]

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        """Shape: (vocabulary, features of all parts)."""
        weights: list[Any] = [part.weight for part in self.parts]
        return torch.cat(weights, dim=-1)

    def forward(self, input: Tensor) -> Tensor:
        """From ids of shape (...) to (..., features of all parts)."""
        return torch.cat([part(input) for part in self.parts], dim=-1)

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}"


class ConcatenatedTokenEmbedder(ConcatenatedEmbedding, Embedding):
    """
    The same as a token embedder: AllenNLP's `find_embedding_layer` looks for its own `Embedding`
    without a projection, and takes the whole text field embedder where it finds none. Projections
    of the parts count as part of their tables.

    # Parameters

    parts : `Sequence[Embedding]`
        Tables of AllenNLP's kind, with the same number of rows.
    """

    _projection = None

    def __init__(self, parts: Sequence[Embedding]) -> None:
        super().__init__(parts)
        self.embedding_dim = sum(part.get_output_dim() for part in parts)

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        """Shape: (vocabulary, features of all parts)."""
        device = next(self.parameters()).device
        return self.forward(torch.arange(self.num_embeddings, device=device))

    def get_output_dim(self) -> int:
        return self.embedding_dim

    def extend_vocab(self, *args: Any, **kwargs: Any) -> None:
        """Does nothing: AllenNLP asks every module, so that each part extends itself."""


class JoinedTextFieldEmbedder(BasicTextFieldEmbedder):
    """
    Several merged token embedders, each of which gives features of all parts: brings the features
    of each part together.

    # Parameters

    token_embedders : `dict[str, TokenEmbedder]`
    interleaving : `Tensor`
        See `interleaved`; the blocks are the token embedders. Shape: (features,).
    """

    interleaving: Tensor

    def __init__(self, token_embedders: dict[str, TokenEmbedder], interleaving: Tensor) -> None:
        super().__init__(token_embedders)
        self.register_buffer("interleaving", interleaving, persistent=False)

    def forward(self, *args: Any, **kwargs: Any) -> Tensor:
        """
        Arguments as those of `BasicTextFieldEmbedder`. Shape of the result: (batch, tokens,
        features).
        """
        return super().forward(*args, **kwargs).index_select(-1, self.interleaving.argsort())


class SideBySide(nn.Module):
    """
    Modules that work on each token by itself (linear layers, layer norms, feed-forward blocks),
    side by side: each reads its own features of every input and gives its own of the output.

    # Parameters

    parts : `Sequence[nn.Module]`
    widths : `Sequence[int]`
        How many features of an input each part reads.
    join : `bool`, optional (default = `True`)
        Otherwise the output stays in parts, for a next `SideBySide` that takes it as its first
        input: joining costs as much as a small layer.
    """

    def __init__(
        self, parts: Sequence[nn.Module], widths: Sequence[int], join: bool = True
    ) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.widths = list(widths)
        self.join = join

    def forward(self, *inputs: Union[Tensor, list[Tensor]]) -> Union[Tensor, list[Tensor]]:
        """
        The parts' outputs, side by side or apart.

        # Parameters

        inputs : `Tensor` of shape (..., features of all parts), or the parts' `list[Tensor]`
            The last one is a tensor.

        # Returns

        `Tensor` of shape (..., output features of all parts); unjoined, one of shape (tokens,
        output features) for each part.
        """
        # each of shape (tokens, output features)
        outputs = [part(*blocks) for part, *blocks in zip(self.parts, *map(self._split, inputs))]
        if not self.join:
            return outputs
        whole = inputs[-1]
        assert isinstance(whole, Tensor)
        # as many rows as there are: they may have become more than the input's on the way
        return torch.cat(outputs, dim=-1).unflatten(0, (-1, *whole.shape[1:-1]))

    def _split(self, input: Union[Tensor, list[Tensor]]) -> Sequence[Tensor]:
        """What each part reads. Each of shape (tokens, features)."""
        if isinstance(input, Tensor):
            return input.flatten(0, -2).split(self.widths, dim=-1)
        return input


class SideBySideEncoder(nn.Module):
    """
    AllenNLP's encoders of whole texts (to a vector, or to a vector for each token), side by side.

    # Parameters

    parts : `Sequence[Seq2VecEncoder | Seq2SeqEncoder]`
    """

    def __init__(self, parts: Sequence[Any]) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)

    def get_input_dim(self) -> int:
        return sum(self._input_dims())

    def get_output_dim(self) -> int:
        encoders: list[Any] = list(self.parts)
        return sum(encoder.get_output_dim() for encoder in encoders)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """
        Each part's encoding of its own features of every token.

        # Parameters

        tokens : `Tensor`
            Shape: (batch, tokens, features of all parts).
        mask : `Tensor`
            True for real tokens. Shape: (batch, tokens).

        # Returns

        `Tensor` : the parts' outputs side by side. Shape: (batch, output features of all parts), or
        (batch, tokens, output features of all parts).
        """
        blocks = tokens.split(self._input_dims(), dim=-1)  # each: (batch, tokens, features)
        return torch.cat([part(block, mask) for part, block in zip(self.parts, blocks)], dim=-1)

    def _input_dims(self) -> list[int]:
        encoders: list[Any] = list(self.parts)
        return [encoder.get_input_dim() for encoder in encoders]


class GroupedLayerNorm(nn.Module):
    """
    Layer norm within groups of features that may lie anywhere (dense storage with permuted units).

    # Parameters

    sizes : `Sequence[int]`
        The number of features of each group.
    eps : `Sequence[float]`
        Added to each group's variance.
    """

    group: Tensor
    eps: Tensor
    sizes: Tensor

    def __init__(self, sizes: Sequence[int], eps: Sequence[float]) -> None:
        super().__init__()
        features = sum(sizes)
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))
        group = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
        # The group of each feature. Shape: (features,).
        self.register_buffer("group", group)
        self.register_buffer("eps", torch.tensor(eps))
        self.register_buffer("sizes", torch.tensor(sizes))

    def forward(self, input: Tensor) -> Tensor:
        centred, scale = self.centred_and_scale(input)
        return centred * scale * self.weight + self.bias

    def centred_and_scale(self, input: Tensor) -> tuple[Tensor, Tensor]:
        """The input minus its group's mean, and 1 over its group's deviation. Same shape."""
        # shape: (features, groups)
        membership = nn.functional.one_hot(self.group, len(self.sizes)).to(input)
        mean = (input @ (membership / self.sizes.to(input))) @ membership.T
        centred = input - mean
        # shape: (..., groups)
        variance = centred.square() @ (membership / self.sizes.to(input))
        return centred, (variance + self.eps.to(input)).rsqrt() @ membership.T

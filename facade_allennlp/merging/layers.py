"""Layers of a merged network that keep each part's weights on their own (structured storage)."""

from collections.abc import Sequence
from typing import Any, Union

import torch
from torch import Tensor, nn


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
        self.num_embeddings = parts[0].num_embeddings
        self.embedding_dim = sum(part.weight.shape[1] for part in parts)
        self.padding_idx = getattr(parts[0], "padding_idx", None)

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        """Shape: (vocabulary, features of all parts)."""
        weights: list[Any] = [part.weight for part in self.parts]
        return torch.cat(weights, dim=-1)

    def forward(self, input: Tensor) -> Tensor:
        return torch.cat([part(input) for part in self.parts], dim=-1)

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}"


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
        # Parameters

        inputs : `Tensor` of shape (..., features of all parts), or the parts' `list[Tensor]`
            The last one is a tensor.

        # Returns

        `Tensor` of shape (..., output features of all parts); unjoined, one of shape (tokens,
        output features) for each part.
        """
        outputs = [part(*blocks) for part, *blocks in zip(self.parts, *map(self._split, inputs))]
        if not self.join:
            return outputs
        whole = inputs[-1]
        assert isinstance(whole, Tensor)
        return torch.cat(outputs, dim=-1).unflatten(0, whole.shape[:-1])

    def _split(self, input: Union[Tensor, list[Tensor]]) -> Sequence[Tensor]:
        if isinstance(input, Tensor):
            return input.flatten(0, -2).split(self.widths, dim=-1)
        return input


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
        # shape: (features, groups)
        membership = nn.functional.one_hot(self.group, len(self.sizes)).to(input)
        mean = (input @ (membership / self.sizes.to(input))) @ membership.T
        centred = input - mean
        variance = centred.square() @ (membership / self.sizes.to(input))
        scale = (variance + self.eps.to(input)).rsqrt() @ membership.T
        return centred * scale * self.weight + self.bias

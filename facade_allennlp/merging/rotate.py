"""Attention heads in another basis: their weights differ, and their function is the same."""

import torch
from torch import Tensor, nn

from facade_allennlp.anatomy import Part, encoders_in


@torch.no_grad()
def rotate_heads(model: nn.Module, generator: torch.Generator) -> None:
    """
    Rotates the units within each attention head at random, signs included: queries and keys by one
    matrix, so that their products stay, and values by another, which the output projection undoes.

    >>> densify(merged)
    >>> rotate_heads(merged, torch.Generator().manual_seed(0))
    """
    for encoder in encoders_in(model):
        for layer in encoder.layers:
            heads, size = layer.heads, layer.head_size
            turned = torch.block_diag(*[_rotation(size, generator) for _ in range(heads)])
            values = torch.block_diag(*[_rotation(size, generator) for _ in range(heads)])
            for part, matrix in ((Part.QUERY, turned), (Part.KEY, turned), (Part.VALUE, values)):
                linear = layer.part(part)
                linear.weight.copy_(matrix.to(linear.weight) @ linear.weight)
                linear.bias.copy_(matrix.to(linear.bias) @ linear.bias)
            output = layer.part(Part.ATTENTION_OUTPUT)
            output.weight.copy_(output.weight @ values.T.to(output.weight))


def _rotation(size: int, generator: torch.Generator) -> Tensor:
    """A random orthogonal matrix, in double precision. Shape: (size, size)."""
    drawn = torch.randn(size, size, generator=generator, dtype=torch.double)
    return torch.linalg.qr(drawn)[0]

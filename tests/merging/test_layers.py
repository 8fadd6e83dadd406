import torch
from torch import nn

from facade_allennlp.merging import (
    ConcatenatedEmbedding,
    GroupedLayerNorm,
    SideBySide,
    dense_form,
    intertwine,
)
from facade_allennlp.merging.layers import interleaved

WIDTHS = (5, 3)


def layer_norms() -> list[nn.LayerNorm]:
    norms = [nn.LayerNorm(width, eps=eps) for width, eps in zip(WIDTHS, (1e-12, 1e-3))]
    for norm in norms:
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
    return norms


def test_linear_layers_equal_one_with_a_block_diagonal_matrix() -> None:
    parts = [nn.Linear(5, 4), nn.Linear(3, 2)]
    weight = torch.block_diag(*[part.weight for part in parts])
    bias = torch.cat([part.bias for part in parts])
    x = torch.randn(2, 7, 8)
    torch.testing.assert_close(intertwine(parts)(x), nn.functional.linear(x, weight, bias))


def test_linear_layers_take_vectors_and_batches_of_any_rank() -> None:
    merged = intertwine([nn.Linear(5, 4), nn.Linear(3, 2)])
    x = torch.randn(2, 3, 4, 8)
    together = merged(x)
    assert together.shape == (2, 3, 4, 6)
    torch.testing.assert_close(merged(x[0, 0]), together[0, 0])


def test_layer_norms_normalise_each_part_on_its_own() -> None:
    parts = layer_norms()
    x = torch.randn(2, 7, 8) * torch.tensor([1.0] * 5 + [100.0] * 3)
    expected = torch.cat([parts[0](x[..., :5]), parts[1](x[..., 5:])], dim=-1)
    torch.testing.assert_close(intertwine(parts)(x), expected)


def test_what_is_not_joined_goes_on_in_parts() -> None:
    inner = SideBySide([nn.Linear(5, 7), nn.Linear(3, 2)], WIDTHS, join=False)
    outer = SideBySide([nn.Bilinear(7, 5, 5), nn.Bilinear(2, 3, 3)], WIDTHS)
    x = torch.randn(2, 6, 8)
    hidden = inner(x)
    assert [block.shape for block in hidden] == [(12, 7), (12, 2)]
    expected = [
        bilinear(linear(block), block)
        for bilinear, linear, block in zip(outer.parts, inner.parts, x.split(WIDTHS, dim=-1))
    ]
    torch.testing.assert_close(outer(hidden, x), torch.cat(expected, dim=-1))


def test_dense_layer_norm_normalises_groups_that_lie_anywhere() -> None:
    structured = intertwine(layer_norms())
    x = torch.randn(4, 8) * torch.tensor([1.0] * 5 + [100.0] * 3)
    expected = structured(x)
    ordinary = dense_form(structured)
    assert isinstance(ordinary, GroupedLayerNorm)
    torch.testing.assert_close(ordinary(x), expected)

    order = torch.randperm(8)
    with torch.no_grad():
        for values in (ordinary.weight, ordinary.bias, ordinary.group):
            values.copy_(values[order])
    torch.testing.assert_close(ordinary(x[:, order]), expected[:, order])


def test_embeddings_lie_side_by_side() -> None:
    parts = [nn.Embedding(6, 5, padding_idx=0), nn.Embedding(6, 3, padding_idx=0)]
    merged = ConcatenatedEmbedding(parts)
    ids = torch.tensor([[1, 2, 0], [5, 5, 0]])
    expected = torch.cat([part(ids) for part in parts], dim=-1)
    torch.testing.assert_close(merged(ids), expected)
    torch.testing.assert_close(nn.functional.embedding(ids, merged.weight), expected)
    assert (merged.num_embeddings, merged.embedding_dim, merged.padding_idx) == (6, 8, 0)


def test_structured_layers_hold_the_weights_of_their_parts() -> None:
    parts = [nn.Linear(5, 4), nn.Linear(3, 2)]
    merged = intertwine(parts)
    given = {id(parameter) for part in parts for parameter in part.parameters()}
    assert {id(parameter) for parameter in merged.parameters()} == given


def test_blocks_of_a_wide_layer_hold_both_parts() -> None:
    forward_f, backward_f, forward_g, backward_g = [0, 1], [2, 3], [4], [5]
    expected = forward_f + forward_g + backward_f + backward_g
    assert interleaved([[2, 2], [1, 1]]).tolist() == expected

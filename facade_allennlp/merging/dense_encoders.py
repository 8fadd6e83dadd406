"""The dense form of encoders of whole texts: recurrent networks and CNNs."""

from collections.abc import Sequence
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.modules.seq2vec_encoders import CnnEncoder
from torch import Tensor, nn

from facade_allennlp.errors import with_article
from facade_allennlp.merging.intertwine import check_settings, intertwine, shell
from facade_allennlp.merging.layers import SideBySideEncoder, interleaved


def interleaving(encoder: SideBySideEncoder) -> Tensor:
    """
    See `interleaved`; the blocks are the directions of a recurrent network, or the filters of one
    length of a CNN. Shape: (output features,).
    """
    return interleaved([_blocks(part) for part in encoder.parts])


def _blocks(encoder: Any) -> list[int]:
    """How many features each block of its output has."""
    if isinstance(encoder, CnnEncoder):
        projected = encoder.projection_layer is not None
        lengths = len(encoder._ngram_filter_sizes)
        return [encoder._output_dim] if projected else [encoder._num_filters] * lengths
    network = encoder._module
    return [network.hidden_size] * (1 + network.bidirectional)


@torch.no_grad()
def dense_encoder(encoder: SideBySideEncoder) -> nn.Module:
    """
    One wide encoder of the parts' own class. Its output is in the order of `interleaving`.

    # Raises

    `ConfigurationError` : the parts are something else than LSTMs, GRUs or CNNs, or CNNs with other
        filters or activations than one another.
    """
    parts: list[Any] = list(encoder.parts)
    if isinstance(parts[0], CnnEncoder):
        return _cnn(parts)
    networks = [getattr(part, "_module", part) for part in parts]
    if not isinstance(networks[0], (nn.LSTM, nn.GRU)):
        raise ConfigurationError(
            f"{with_article(type(networks[0]).__name__)} has no dense form; use the storage "
            "`structured`"
        )
    wide = shell(parts[0])
    wide._module = _recurrent(networks, interleaving(encoder))
    return wide


def _recurrent(parts: Sequence[Any], order: Tensor) -> nn.RNNBase:
    """
    One wide LSTM or GRU: its gates are blocks of rows, and in each lie the blocks of the parts.
    """
    first = parts[0]
    wide: Any = type(first)(
        sum(part.input_size for part in parts),
        sum(part.hidden_size for part in parts),
        first.num_layers,
        bias=first.bias,
        batch_first=first.batch_first,
        dropout=first.dropout,
        bidirectional=first.bidirectional,
    )
    wide.to(first.weight_ih_l0)
    for name, parameter in wide.named_parameters():
        # each of shape (gates, units) or (gates, units, inputs)
        blocks = [getattr(part, name).unflatten(0, (-1, part.hidden_size)) for part in parts]
        # each of shape (units of all parts,) or (units of all parts, inputs of all parts)
        gates = [
            torch.cat(gate) if parameter.dim() == 1 else torch.block_diag(*gate)
            for gate in zip(*blocks)
        ]
        parameter.copy_(torch.cat(gates))
        if name.startswith("weight_ih") and not name.startswith("weight_ih_l0"):
            parameter.copy_(parameter[:, order])  # from the layer below, in both directions
    return wide


def _cnn(parts: Sequence[CnnEncoder]) -> CnnEncoder:
    """One CNN with the filters of all parts: those for the same number of tokens side by side."""
    check_settings(parts, "the CNN", "_ngram_filter_sizes")
    projections = [part.projection_layer for part in parts if part.projection_layer is not None]
    if len(projections) not in (0, len(parts)):
        raise ConfigurationError(
            "only one of the two CNNs has a projection (output_dim), so that they have no dense "
            "form; use the storage `structured`"
        )
    wide = CnnEncoder(
        sum(part.get_input_dim() for part in parts),
        sum(part._num_filters for part in parts),
        parts[0]._ngram_filter_sizes,
        intertwine([part._activation for part in parts], "the CNN's activation"),
        sum(part.get_output_dim() for part in parts) if projections else None,
    )
    wide.to(parts[0]._convolution_layers[0].weight)
    for number, layer in enumerate(wide._convolution_layers):
        same: list[Any] = [part._convolution_layers[number] for part in parts]
        weights = [part.weight.unbind(dim=-1) for part in same]
        # shape: (filters of all parts, features of all parts, tokens of a filter)
        blocks = torch.stack([torch.block_diag(*weight) for weight in zip(*weights)], dim=-1)
        layer.weight.copy_(blocks)
        layer.bias.copy_(torch.cat([part.bias for part in same]))
    if projections:
        order = interleaved([[part._num_filters] * len(part._ngram_filter_sizes) for part in parts])
        # shape: (output features of all parts, filters of all parts and lengths)
        weight = torch.block_diag(*[projection.weight for projection in projections])
        wide.projection_layer.weight.copy_(weight[:, order])
        wide.projection_layer.bias.copy_(torch.cat([layer.bias for layer in projections]))
    return wide

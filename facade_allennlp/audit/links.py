"""The weights between units of a network: what the structure of a model is read from."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from torch import Tensor, nn

from facade_allennlp.anatomy import Encoder, Part, encoders_in
from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.merging import densified

STREAM, EMBEDDED = "hidden units", "embedding features"
"""Axes. Where a model has no other axis for them, its word embeddings have the hidden units."""


CAP = 0.98
"""A quantile of the magnitudes of a link."""


def heads_axis(layer: int) -> str:
    return f"heads of layer {layer}"


def units_axis(layer: int) -> str:
    return f"units of layer {layer}"


def layer_matrices(layer: int) -> list[tuple[Part, str, str]]:
    """The matrices of a layer, each with the axis that it leads to and the one before it."""
    heads, units = heads_axis(layer), units_axis(layer)
    return [
        (Part.QUERY, heads, STREAM),
        (Part.KEY, heads, STREAM),
        (Part.VALUE, heads, STREAM),
        (Part.ATTENTION_OUTPUT, STREAM, heads),
        (Part.INTERMEDIATE, units, STREAM),
        (Part.OUTPUT, STREAM, units),
    ]


def words_axis(axes: Container[str]) -> str:
    """The one on which word embeddings lie, of those of a body."""
    return EMBEDDED if EMBEDDED in axes else STREAM


def recurrent_axis(layer: int, direction: int) -> str:
    return f"units of layer {layer}, direction {direction}"


@dataclass
class Link:
    """
    Weights from the units of one axis to those of another.

    # Parameters

    into, out_of : `str`
        The axes.
    size : `Tensor`
        Magnitudes. Shape: (units of `into`, units of `out_of`).
    """

    into: str
    out_of: str
    size: Tensor


@dataclass
class Body:
    """
    An encoder or a recurrent network of a model, as links between axes of units.

    # Parameters

    site : `nn.Module`
        The module whose output is the body's.
    encoder : `Encoder`, optional (default = `None`)
        Whose last layer the site is.
    network : `Any`
        Else an LSTM or GRU.
    """

    site: nn.Module
    encoder: Optional[Encoder] = None
    network: Any = None

    @property
    def links(self) -> list[Link]:
        """Of copies of the weights, on the CPU, made anew each time: they are as large as these."""
        return _of_recurrent(self.network) if self.encoder is None else _of_encoder(self.encoder)

    @property
    def hub(self) -> str:
        """The axis that most links touch."""
        return STREAM if self.encoder is not None else recurrent_axis(0, 0)

    @property
    def last(self) -> tuple[str, ...]:
        """The axes of the output, in order."""
        if self.encoder is not None:
            return (STREAM,)
        return tuple(_axes(self.network, self.network.num_layers - 1))

    def at_site(self, marked: Mapping[str, Tensor]) -> Tensor:
        """What is said of units by axis, for the features of the output. Shape: (features,)."""
        return torch.cat([marked[axis] for axis in self.last])


def ordinary_form(explained: ExplainedModel) -> ExplainedModel:
    """
    A model of the same function whose layers hold their weights as ordinary ones do. What it has in
    common with this one is not held twice.
    """
    try:
        return explained.of(densified(explained.model).eval())
    except (ConfigurationError, AttributeError, RuntimeError):
        return explained


def bodies(model: Model) -> list[Body]:
    """One for each encoder, or else one for each recurrent network; maybe none."""
    encoders = encoders_in(model)
    if encoders:
        return [Body(encoder.layers[-1].module, encoder) for encoder in encoders]
    return [
        Body(site, network=network)
        for site in model.modules()
        for network in site.children()
        if isinstance(network, (nn.LSTM, nn.GRU)) and hasattr(site, "get_output_dim")
    ]


@torch.no_grad()
def _of_encoder(encoder: Encoder) -> list[Link]:
    links = []
    widening = encoder.find(Part.WIDENING)
    if widening is not None:
        links.append(_link(widening.weight, STREAM, EMBEDDED))
    for number, layer in enumerate(encoder.layers):
        for part, into, out_of in layer_matrices(number):
            pieces: list[Any] = layer.pieces(part)
            links.append(_link(torch.block_diag(*[p.weight for p in pieces]), into, out_of))
    return links


@torch.no_grad()
def _of_recurrent(network: Any) -> list[Link]:
    """Rows of all gates of a unit count as one."""
    below = [EMBEDDED]
    links = []
    weights = iter(network.all_weights)
    for number in range(network.num_layers):
        axes = _axes(network, number)
        for axis in axes:
            from_below, from_before, *_ = next(weights)
            widths = [from_below.shape[1] // len(below)] * len(below)
            for part, name in zip(from_below.split(widths, dim=1), below):
                links.append(_link(_gates(part, network.hidden_size), axis, name))
            links.append(_link(_gates(from_before, network.hidden_size), axis, axis))
        below = axes
    return links


def _axes(network: Any, layer: int) -> list[str]:
    """Those of a layer of a recurrent network, one for each direction."""
    return [recurrent_axis(layer, direction) for direction in range(1 + network.bidirectional)]


def _gates(weight: Tensor, units: int) -> Tensor:
    """Shape: (units, inputs)."""
    return weight.unflatten(0, (-1, units)).norm(dim=0)


def _link(weight: Tensor, into: str, out_of: str) -> Link:
    """
    Few weights that are much larger than all others, as gates that are always shut have, would hide
    these: none counts as more than the `CAP` of them.
    """
    size = weight.detach().cpu().float().abs()
    rank = max(1, round(CAP * size.numel()))
    return Link(into, out_of, size.clamp_max(float(size.flatten().kthvalue(rank).values)))

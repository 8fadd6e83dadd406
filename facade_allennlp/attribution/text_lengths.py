"""How long each text of a batch is, and batches that are cut to the longest of some texts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Optional

import torch
from allennlp.data import TextFieldTensors
from torch import Tensor, nn

from facade_allennlp.attribution.inputs import Inputs, batch_shape, select, text_fields

MASKS = ("mask", "wordpiece_mask", "segment_concat_mask")
PIECES = ("token_ids", "type_ids")
CHARACTERS = ("token_characters", "elmo_tokens")
"""What AllenNLP's indexers call their tensors, beside `tokens` and `offsets`."""

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


@dataclass
class Axis:
    """
    Tensors of a text field whose second dimension counts the same tokens: its words, or the pieces
    that a transformer reads.

    # Parameters

    width : `int`
        Of that dimension, padding included.
    tensors : `list[tuple[str, str]]`
        Each by its indexer and name.
    lengths : `Tensor`
        The length of each text, so that all behind it is padding. Shape: (batch,).
    """

    width: int
    lengths: Tensor
    tensors: list[tuple[str, str]] = field(default_factory=list)


class TextLengths:
    """
    The lengths of a batch's texts, by the masks and paddings of AllenNLP's indexers. Nothing is cut
    where they do not tell: where an indexer gives tensors of other names, and where a tensor that
    is no text field's is as wide as a text is, since it may count tokens or not.

    # Parameters

    inputs : `Inputs`
        A batch as AllenNLP's data loaders give it, without labels.
    shortest : `int`, optional (default = `1`)
        No text is cut to fewer tokens, see `shortest_text`.
    """

    def __init__(self, inputs: Inputs, shortest: int = 1) -> None:
        self._inputs = inputs
        self._batch_size, _ = batch_shape(inputs)
        fields = text_fields(inputs)
        axes = {name: _axes(field, shortest) for name, field in fields.items()}
        known = {name: own for name, own in axes.items() if own is not None}
        widths = {
            axis.width
            for own in known.values()
            for axis in own
            if int(axis.lengths.min()) < axis.width
        }
        others = [value for name, value in inputs.items() if name not in fields]
        cut = len(known) == len(fields) and not any(
            set(tensor.shape[tensor.shape[:1] == (self._batch_size,) :]) & widths
            for tensor in _tensors(others)
        )
        self._axes = known if cut else {}

    def by_input(self) -> list[tuple[int, ...]]:
        """For each input the length of each text field; where nothing is cut, its padded length."""
        lengths = [
            torch.stack([axis.lengths for axis in self._axes[name]]).amax(dim=0)
            if name in self._axes
            else torch.full((self._batch_size,), _width(field))
            for name, field in text_fields(self._inputs).items()
        ]
        return [tuple(own) for own in torch.stack(lengths, dim=-1).tolist()]

    def rows(self, index: Tensor) -> dict[str, Any]:
        """The rows `index` of the batch, cut to the longest of their texts."""
        rows = select(self._inputs, index, self._batch_size)
        for name, axes in self._axes.items():
            for axis in axes:
                longest = int(axis.lengths[index].max())
                for indexer, tensor in axis.tensors:
                    rows[name][indexer][tensor] = rows[name][indexer][tensor][:, :longest]
        return rows

    def padded(self, name: str, longest: int) -> int:
        """How wide a text field's tokens were that are now as many as the longest text has."""
        axes = self._axes.get(name, [])
        return next((a.width for a in axes if int(a.lengths.max()) == longest), longest)


def shortest_text(model: nn.Module) -> int:
    """The fewest tokens that a model takes: as many as its widest convolution spans."""
    return max(
        (
            1 + max(d * (k - 1) for k, d in zip(module.kernel_size, module.dilation))
            for module in model.modules()
            if isinstance(module, CONVOLUTIONS)
        ),
        default=1,
    )


def _axes(field: TextFieldTensors, shortest: int) -> Optional[list[Axis]]:
    """The axes of a text field; `None` where the length of a tensor's texts is not known."""
    axes: dict[tuple[str, ...], Axis] = {}
    for indexer, tensors in field.items():
        pieces = next((name for name in reversed(MASKS) if name in tensors), "mask")
        for name, tensor in tensors.items():
            mask_name = pieces if name in PIECES else name if name in MASKS else "mask"
            real = _real_tokens(name, tensor, tensors.get(mask_name))
            if real is None or real.shape != tensor.shape[:2] or not real.shape[1]:
                return None
            key = ("words",) if mask_name == "mask" else (indexer, mask_name)
            places = torch.arange(1, real.shape[1] + 1, device=real.device)
            lengths = (real * places).amax(dim=1).cpu()  # shape: (batch,)
            axis = axes.setdefault(key, Axis(real.shape[1], lengths))
            if axis.width != real.shape[1]:
                return None
            axis.lengths = torch.maximum(axis.lengths, lengths)
            axis.tensors.append((indexer, name))
    for axis in axes.values():
        some = axis.lengths[axis.lengths > 0]
        # An empty text goes with others: by itself an encoder may not take it.
        shortest_here = max(shortest, int(some.min()) if len(some) else 1)
        axis.lengths = axis.lengths.clamp(shortest_here).clamp_max(axis.width)
    return list(axes.values())


def _real_tokens(name: str, tensor: Tensor, mask: Optional[Tensor]) -> Optional[Tensor]:
    """False where a tensor is padding for sure; `None` if that is not known."""
    if name == "tokens" and tensor.dim() == 2:
        return tensor != 0
    if name in CHARACTERS and tensor.dim() == 3:
        return (tensor != 0).any(dim=-1)
    if name in MASKS or name in PIECES or name == "offsets":
        return None if mask is None else mask.bool()
    return None


def _width(field: TextFieldTensors) -> int:
    return max(t.shape[1] for tensors in field.values() for t in tensors.values())


def _tensors(values: Any) -> Iterator[Tensor]:
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, (dict, list, tuple)):
        for value in values.values() if isinstance(values, dict) else values:
            yield from _tensors(value)

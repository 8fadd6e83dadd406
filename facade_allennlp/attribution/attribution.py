from dataclasses import dataclass
from dataclasses import field as dataclass_field

import torch
from torch import Tensor

from facade_allennlp.attribution.explained_model import EmbeddedField
from facade_allennlp.targets.token_sequence import TokenReader, TokenSequence
from facade_allennlp.targets.token_target import TokenTarget


@dataclass
class FieldTokens:
    """The tokens of one text field, as columns of an `Attribution`."""

    name: str
    ids: Tensor  # shape: (batch, tokens of this field)
    namespace: str
    mask: Tensor  # shape: (batch, tokens of this field)

    @classmethod
    def of(cls, field: EmbeddedField) -> "FieldTokens":
        return cls(field.name, field.ids, field.namespace, field.mask)

    def sequences(self, reader: TokenReader) -> list[TokenSequence]:
        """For each input what the tokens say."""
        return [
            reader.sequence(self.name, row[keep].tolist(), self.namespace)
            for row, keep in zip(self.ids.cpu(), self.mask.cpu())
        ]


@dataclass
class Attribution:
    """
    Token scores for a batch. A model that embeds several text fields has their tokens side by side.

    # Parameters

    raw : `Tensor`
        Signed scores; zero on padding. Shape: (batch, tokens).
    mask : `Tensor`
        True for real tokens. Shape: (batch, tokens).
    fields : `list[FieldTokens]`
        The text fields that make up the token axis, in order.
    outputs : `tuple[str, ...]`
        The names of the model's outputs.
    classes : `list[Tensor]`
        For each output the class that is explained; none where a training loss explains no class
        (see `attribute_with_graph`). Each of shape (batch,).
    """

    raw: Tensor
    mask: Tensor
    fields: list[FieldTokens]
    outputs: tuple[str, ...] = ()
    classes: list[Tensor] = dataclass_field(default_factory=list)

    @property
    def normalized(self) -> Tensor:
        """
        Eq. 1 of Wang et al. 2020: |raw| over its sum, non-negative, summing to 1 over the real
        tokens of each input. An input whose raw scores are all zero, or not all finite, has no
        attribution: zero everywhere. Shape: (batch, tokens).
        """
        return normalize(self.raw, self.mask)

    def sequences(self, reader: TokenReader) -> list[list[TokenSequence]]:
        """For each input, for each field, what the tokens say."""
        return [list(of_input) for of_input in zip(*(f.sequences(reader) for f in self.fields))]

    def target_mask(self, target: TokenTarget, reader: TokenReader) -> Tensor:
        """True for target tokens. Shape: (batch, tokens)."""
        return target_mask(self.fields, target, reader)


def normalize(raw: Tensor, mask: Tensor) -> Tensor:
    """See `Attribution.normalized`. Both of shape (batch, tokens)."""
    usable = mask & torch.isfinite(raw).all(dim=-1, keepdim=True)
    magnitude = torch.where(usable, raw, torch.zeros_like(raw)).abs()
    total = magnitude.sum(dim=-1, keepdim=True)
    return magnitude / total.clamp_min(torch.finfo(raw.dtype).tiny)


def finite(raw: Tensor) -> Tensor:
    """Raw scores, with 0 in place of those that are not finite. Same shape."""
    return torch.where(torch.isfinite(raw), raw, 0.0)


def target_mask(fields: list[FieldTokens], target: TokenTarget, reader: TokenReader) -> Tensor:
    """True for the target tokens of the fields side by side. Shape: (batch, tokens)."""
    target.check_field([field.name for field in fields])
    masks = []
    for field in fields:
        mask = torch.zeros(field.ids.shape, dtype=torch.bool)
        for row, (keep, sequence) in enumerate(zip(field.mask.cpu(), field.sequences(reader))):
            real = keep.nonzero().squeeze(-1)
            mask[row, real[target.positions(sequence)]] = True
        masks.append(mask)
    return torch.cat(masks, dim=-1).to(fields[0].ids.device)

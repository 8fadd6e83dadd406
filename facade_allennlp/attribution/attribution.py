from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Optional

import torch
from torch import Tensor
from torch.nn.functional import pad

from facade_allennlp.attribution.forward_pass import EmbeddedField, ForwardPass
from facade_allennlp.scores.attribution import normalize
from facade_allennlp.targets.token_target import TokenTarget
from facade_allennlp.texts.token_reader import TokenReader
from facade_allennlp.texts.token_sequence import TokenSequence


@dataclass
class FieldTokens:
    """The tokens of one text field, as columns of an `Attribution`."""

    name: str
    ids: Tensor  # shape: (batch, tokens of this field)
    namespace: str
    mask: Tensor  # shape: (batch, tokens of this field)
    _said: dict[TokenReader, list[TokenSequence]] = dataclass_field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, field: EmbeddedField, rows: Optional[int] = None) -> "FieldTokens":
        """Those of the first `rows` inputs, by default of all."""
        return cls(field.name, field.ids[:rows], field.namespace, field.mask[:rows])

    @property
    def width(self) -> int:
        """The padded number of tokens."""
        return self.mask.shape[1]

    def sequences(self, reader: TokenReader) -> list[TokenSequence]:
        """For each input what the tokens say."""
        if reader not in self._said:
            self._said[reader] = reader.sequences(self.name, self.ids, self.mask, self.namespace)
        return self._said[reader]

    def marked(
        self, reader: TokenReader, positions: Callable[[TokenSequence], Sequence[int]]
    ) -> Tensor:
        """
        True for the tokens of each input at the positions that are chosen by what its tokens say.
        Shape: (batch, tokens).
        """
        marked = torch.zeros(self.mask.shape, dtype=torch.bool)
        for row, keep, sequence in zip(marked, self.mask.cpu(), self.sequences(reader)):
            row[keep.nonzero().squeeze(-1)[positions(sequence)]] = True
        return marked.to(self.mask.device)


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
    delta : `Tensor`, optional
        Where a method tells it, how much more the scores add up to than they should: the change of
        what is explained from the method's baseline to the input. Shape: (batch,).
    """

    raw: Tensor
    mask: Tensor
    fields: list[FieldTokens]
    outputs: tuple[str, ...] = ()
    classes: list[Tensor] = dataclass_field(default_factory=list)
    delta: Optional[Tensor] = None

    @classmethod
    def of_pass(
        cls,
        forward: ForwardPass,
        raw: Sequence[Tensor],
        classes: Sequence[Tensor],
        delta: Optional[Tensor] = None,
    ) -> "Attribution":
        """
        Scores of the inputs of one forward pass; `raw` has one tensor for each text field, of shape
        (batch, tokens of the field).
        """
        masks = [field.mask for field in forward.fields]
        return cls(
            torch.cat([scores.masked_fill(~mask, 0.0) for scores, mask in zip(raw, masks)], dim=-1),
            torch.cat(masks, dim=-1),
            [FieldTokens.of(field) for field in forward.fields],
            forward.names,
            list(classes),
            delta,
        )

    @classmethod
    def joined(
        cls,
        parts: Sequence["Attribution"],
        order: Tensor,
        padded: Callable[[str, int], int] = lambda name, longest: longest,
    ) -> "Attribution":
        """
        The scores of several passes over different inputs of one batch.

        # Parameters

        order : `Tensor`
            The number of each input in the batch, part after part. Shape: (batch,).
        padded : `Callable[[str, int], int]`, optional
            The width of a text field, by its name and the length of its longest text.
        """
        rows = order.argsort().to(parts[0].raw.device)

        def in_order(tensors: Iterable[Tensor]) -> Tensor:
            return torch.cat(list(tensors))[rows]

        fields, raw = [], []
        split = [part.raw.split([field.width for field in part.fields], dim=-1) for part in parts]
        for pieces, scores in zip(zip(*(part.fields for part in parts)), zip(*split)):
            first = pieces[0]
            width = padded(first.name, max(field.width for field in pieces))
            ids = in_order(_widened(field.ids, width) for field in pieces)
            mask = in_order(_widened(field.mask, width) for field in pieces)
            fields.append(FieldTokens(first.name, ids, first.namespace, mask))
            raw.append(in_order(_widened(piece, width) for piece in scores))
        deltas = [part.delta for part in parts if part.delta is not None]
        return cls(
            torch.cat(raw, dim=-1),
            torch.cat([field.mask for field in fields], dim=-1),
            fields,
            parts[0].outputs,
            [in_order(classes) for classes in zip(*(part.classes for part in parts))],
            in_order(deltas) if deltas else None,
        )

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
        return [list(sequences) for sequences in zip(*(f.sequences(reader) for f in self.fields))]

    def target_mask(self, target: TokenTarget, reader: TokenReader) -> Tensor:
        """True for target tokens. Shape: (batch, tokens)."""
        return target_mask(self.fields, target, reader)


def _widened(values: Tensor, width: int) -> Tensor:
    """With padding of zeros. Shape: (rows, width)."""
    return pad(values, (0, width - values.shape[1]))


def finite(raw: Tensor) -> Tensor:
    """Raw scores, with 0 in place of those that are not finite. Same shape."""
    return torch.where(torch.isfinite(raw), raw, 0.0)


def target_mask(fields: list[FieldTokens], target: TokenTarget, reader: TokenReader) -> Tensor:
    """True for the target tokens of the fields side by side. Shape: (batch, tokens)."""
    target.check_field([field.name for field in fields])
    return torch.cat([field.marked(reader, target.positions) for field in fields], dim=-1)

"""Real words in the places of others: what a model makes of texts that differ in one token."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.forward_pass import EmbeddedField, ForwardPass
from facade_allennlp.attribution.inputs import Inputs, select, text_fields
from facade_allennlp.attribution.objectives import margin_on
from facade_allennlp.tasks import Choice


@dataclass
class Exchanges:
    """
    Exchanges of tokens in one text field, each in a text of its own.

    # Parameters

    field : `int`
        Which of the fields that the model embeds.
    rows, positions : `Tensor`
        Where each token stands. Each of shape (exchanges,).
    tokens : `Tensor`
        The ids that take their places. Shape: (exchanges,).
    """

    field: int
    rows: Tensor
    positions: Tensor
    tokens: Tensor


def draw(
    field: EmbeddedField,
    place: int,
    marked: Tensor,
    words: tuple[Tensor, Tensor],
    draws: int,
    seed: int,
) -> Exchanges:
    """
    Words for the tokens of a field, drawn with the frequencies that they have in a corpus. They
    follow from the text and the seed: whatever else is in the batch, and whichever model reads it,
    a text is given the same.

    # Parameters

    place : `int`
        Of the field among those that the model embeds.
    marked : `Tensor`
        True for the tokens to exchange. Shape: (rows, tokens).
    words : `tuple[Tensor, Tensor]`
        Ids and shares, see `Frequencies`.
    draws : `int`
        How many words take the place of each token, one after another.
    """
    ids, shares = words
    rows, positions, tokens = [], [], []
    for row, text in enumerate(field.ids.cpu()):
        told = text[field.mask[row].cpu()].numpy().tobytes()
        generator = torch.Generator().manual_seed(zlib.crc32(told, seed & 0xFFFFFFFF))
        at = marked[row].cpu().nonzero().squeeze(-1).repeat_interleave(draws)
        if len(at):
            positions.append(at)
            rows.append(torch.full_like(at, row))
            tokens.append(ids[torch.multinomial(shares, len(at), True, generator=generator)])
    empty = torch.zeros(0, dtype=torch.long)
    device = field.ids.device
    return Exchanges(place, *(torch.cat([empty, *x]).to(device) for x in (rows, positions, tokens)))


def exchanged(
    model: ExplainedModel, inputs: Inputs, before: ForwardPass, made: Exchanges
) -> Iterator[tuple[Tensor, ForwardPass]]:
    """
    Runs the model on the texts that exchanges make.

    # Parameters

    inputs : `Inputs`
        A batch without labels.
    before : `ForwardPass`
        Over these inputs as they are.

    # Returns

    For each pass the numbers of its exchanges, of shape (rows,), and what it gave.
    """
    field = before.fields[made.field]
    for part in torch.arange(len(made.rows)).split(model.rows_in_pass(inputs)):
        model.lock.give_way()
        rows = made.rows[part]
        moved = select(inputs, rows, len(field.ids))
        _put(moved, field, rows, made.positions[part], made.tokens[part])
        with torch.no_grad():
            yield part, model.run(moved)


def effects(
    model: ExplainedModel, inputs: Inputs, before: ForwardPass, choice: Choice, made: Exchanges
) -> Tensor:
    """
    By how much each exchange lowers the margin of a choice (see `margin_on`), in double precision.

    # Parameters

    inputs, before
        See `exchanged`.
    choice : `Choice`
        Of each row.

    # Returns

    `Tensor` : shape (exchanges,).
    """
    at_first = margins(before, choice)
    lowered = [at_first.new_zeros(0)]
    for part, forward in exchanged(model, inputs, before, made):
        rows = made.rows[part]
        after = margins(forward, [chosen[rows] for chosen in choice])
        lowered.append(at_first[rows] - after)
    return torch.cat(lowered)


def mean_effects(
    model: ExplainedModel, inputs: Inputs, before: ForwardPass, choice: Choice, made: Exchanges
) -> Tensor:
    """
    The mean of the `effects` at each token; 0 where none was exchanged.

    # Returns

    `Tensor` : shape (rows, tokens of the field).
    """
    lowered = effects(model, inputs, before, choice, made)
    places = (made.rows, made.positions)
    total = lowered.new_zeros(before.fields[made.field].mask.shape)
    count = torch.zeros_like(total).index_put_(places, torch.ones_like(lowered), accumulate=True)
    return total.index_put_(places, lowered, accumulate=True) / count.clamp_min(1)


def margins(forward: ForwardPass, choice: Choice) -> Tensor:
    """Those of `margin_on`, without a graph and in double precision. Shape: (rows,)."""
    # Differences of nearly equal numbers, which single precision would cut short.
    exact = replace(forward, logits=[values.detach().double() for values in forward.logits])
    return margin_on(choice)(exact)


def _put(
    inputs: dict[str, Any], field: EmbeddedField, rows: Tensor, positions: Tensor, tokens: Tensor
) -> None:
    """Puts tokens into all that holds the ids of a field."""
    ids = field.ids[rows]
    changed = ids.scatter(1, positions.unsqueeze(-1), tokens.unsqueeze(-1))
    for indexed in text_fields(inputs)[field.name].values():
        for name, values in indexed.items():
            if values.dtype == ids.dtype and values.shape == ids.shape and values.equal(ids):
                indexed[name] = changed

"""The attacks on one text of a classifier over the tiny BERT, token by token."""

from collections.abc import Sequence
from typing import Any

import torch
from allennlp.models import Model

from fixtures import by_hand

Positions = tuple[int, ...]


def inputs_of(ids: Sequence[int]) -> dict[str, Any]:
    """The model's input for one text."""
    row = torch.tensor([list(ids)])
    tensors = {"token_ids": row, "mask": torch.ones_like(row).bool()}
    return {"tokens": {"tokens": {**tensors, "type_ids": torch.zeros_like(row)}}}


def predicted(model: Model, ids: Sequence[int]) -> int:
    inputs = inputs_of(ids)
    return int(by_hand.logits(model, inputs, by_hand.embeddings(model, inputs)).argmax())


def shares(model: Model, ids: Sequence[int]) -> list[float]:
    raw = by_hand.gradient_times_input(model, inputs_of(ids))[0].abs()
    return (raw / raw.sum()).tolist()


def greedy_reduction(model: Model, ids: Sequence[int], attackable: Sequence[int]) -> list[int]:
    """The positions that greedy input reduction leaves."""
    left = list(range(len(ids)))
    original = predicted(model, ids)
    while sum(position in attackable for position in left) > 1:
        scores = shares(model, [ids[i] for i in left])
        _, lowest = min((s, i) for s, i in zip(scores, left) if i in attackable)
        shorter = [i for i in left if i != lowest]
        if predicted(model, [ids[i] for i in shorter]) != original:
            break
        left = shorter
    return left


def beam_reduction(
    model: Model, ids: Sequence[int], attackable: Sequence[int], beam_size: int
) -> list[int]:
    """The positions that input reduction by beam search leaves."""
    original = predicted(model, ids)
    best: Positions = tuple(range(len(ids)))
    beam = [best]
    while beam:
        best = beam[0]
        proposals: list[tuple[float, int, Positions]] = []
        for left in beam:
            scores = shares(model, [ids[i] for i in left])
            ranked = sorted((s, i) for s, i in zip(scores, left) if i in attackable)
            if len(ranked) > 1:
                proposals += [
                    (s, i, tuple(j for j in left if j != i)) for s, i in ranked[:beam_size]
                ]
        tried = list(dict.fromkeys(text for _, _, text in sorted(proposals)))[:beam_size]
        beam = [text for text in tried if predicted(model, [ids[i] for i in text]) == original]
    return list(best)


def flips(
    model: Model,
    ids: Sequence[int],
    attackable: Sequence[int],
    candidates: Sequence[int],
    wanted: int | None = None,
) -> list[tuple[int, int]]:
    """HotFlip's flips, as (position, new id), each the best of all candidates one by one."""
    now, made = list(ids), []
    original = predicted(model, ids)
    explained = original if wanted is None else wanted
    table = by_hand.bert(model).get_input_embeddings().weight.detach()
    while len(made) < len(attackable):
        inputs = inputs_of(now)
        at = by_hand.embeddings(model, inputs)
        gradient = by_hand.gradients(model, inputs, at, torch.tensor([explained]))[0]
        left = [i for i in attackable if i not in [position for position, _ in made]]
        position = max(left, key=lambda i: float(gradient[i].norm()))
        sign = 1 if wanted is None else -1
        gains = {
            new: sign * float((table[new] - table[now[position]]) @ gradient[position])
            for new in candidates
            if new != now[position]
        }
        now[position] = max(gains, key=gains.__getitem__)
        made.append((position, now[position]))
        if (predicted(model, now) == explained) == (wanted is not None):
            break
    return made

"""Triggers: tokens of some labelled inputs whose connection speaks most for their class."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from torch import Tensor
from tqdm import tqdm

from facade_allennlp.attacks.trigger import Trigger
from facade_allennlp.attribution import AttentionAttribution, ExplainedModel, FieldTokens
from facade_allennlp.studies.labelled import labelled_batches
from facade_allennlp.targets import EveryToken
from facade_allennlp.texts.edit import check_editable
from facade_allennlp.texts.token_sequence import TokenSequence

LONGEST = 4
"""The most tokens of a trigger: the ends of two connections."""

TRIES = 100
"""To draw a trigger that was not drawn before."""


@dataclass
class LabelledText:
    """An indexed input, its tokens, its gold class, and whether it is predicted as that."""

    instance: Instance
    sequence: TokenSequence
    label: int
    right: bool


@dataclass
class Candidate:
    """
    A trigger that may turn predictions to a class.

    # Parameters

    towards : `int`
        The class of the text that it is from.
    attribution : `float`, optional
        Of its strongest connection; none where its tokens were drawn at random.
    """

    trigger: Trigger
    towards: int
    attribution: Optional[float] = None


def labelled_texts(
    explained: ExplainedModel,
    instances: Sequence[Instance],
) -> list[LabelledText]:
    """
    The inputs that a trigger can be put into: the others would be longer than the tokenizer or the
    encoder takes.

    # Parameters

    instances : `Sequence[Instance]`
        Indexed and labelled.

    # Raises

    `ConfigurationError` : there is no such text; the model reads several text fields, or embeds
        other pieces than the tokens of the one.
    """
    texts: dict[int, LabelledText] = {}
    for indices, inputs, labels in labelled_batches(explained, instances):
        with torch.no_grad():
            forward = explained.run(inputs)
        if len(forward.fields) > 1:
            raise ConfigurationError(
                "triggers are put into inputs of one text field, but "
                f"{type(explained.model).__name__} reads {[field.name for field in forward.fields]}"
            )
        batch = [instances[index] for index in indices]
        field = FieldTokens.of(forward.fields[0])
        sequences = field.sequences(explained.reader)
        check_editable(batch, sequences, "to have a trigger put in")
        (classes,) = forward.predictions()
        rows = zip(batch, sequences, labels.tolist(), (classes == labels).tolist())
        texts.update(zip(indices, (LabelledText(*row) for row in rows)))
    fitting = [text for _, text in sorted(texts.items()) if _has_room(explained, text)]
    if not fitting:
        raise ConfigurationError(
            f"none of the {len(instances)} texts has room for the {LONGEST} tokens of a trigger"
        )
    return fitting


def _has_room(explained: ExplainedModel, text: LabelledText) -> bool:
    field: Any = text.instance.fields[text.sequence.field]
    limits = [getattr(indexer, "_max_length", None) for indexer in field.token_indexers.values()]
    known = [limit for limit in (explained.positions, *limits) if limit is not None]
    return len(text.sequence.tokens) + LONGEST <= min(known, default=inf)


def mined(
    explained: ExplainedModel,
    texts: Sequence[LabelledText],
    method: AttentionAttribution,
) -> list[Candidate]:
    """
    A trigger from each text that is predicted as its gold class, where two of its tokens have a
    connection that speaks for that; the strongest first, each once.

    >>> strongest, *others = mined(explained, texts, AttentionAttribution(steps=20))
    >>> str(strongest.trigger), strongest.towards
    """
    right = [text for text in texts if text.right]
    instances = [text.instance for text in right]
    attributions: dict[tuple[Trigger, int], float] = {}
    # One forward pass holds many points of few inputs.
    at_once = max(1, explained.max_batch_tokens // len(method.shares))
    with tqdm(total=len(right), desc="mining", unit="input") as progress:
        for indices, inputs, _ in labelled_batches(explained.with_budget(at_once), instances):
            remaining = iter(indices)
            for part in method.connections(explained, inputs):
                for sequence, layers in part.texts(explained.reader):
                    label = right[next(remaining)].label
                    pattern = strongest_pattern(layers, EveryToken().positions(sequence))
                    if pattern is not None:
                        positions, attribution = pattern
                        key = (Trigger.of(sequence, positions), label)
                        attributions[key] = max(attribution, attributions.get(key, 0.0))
                    progress.update()
    candidates = [Candidate(*key, attribution) for key, attribution in attributions.items()]
    return sorted(candidates, key=lambda candidate: -(candidate.attribution or 0.0))


def drawn(texts: Sequence[LabelledText], like: Sequence[Candidate], seed: int) -> list[Candidate]:
    """
    For each of some candidates, as `mined` gives them, another of the same class with as many
    tokens, drawn at random from a text of that class that is predicted right; each once, as far as
    there are others.
    """
    generator = random.Random(seed)
    candidates: dict[Trigger, Candidate] = {}
    for candidate in like:
        size = len(candidate.trigger.tokens)
        places = [
            (text, positions)
            for text in texts
            if text.right
            and text.label == candidate.towards
            and len(positions := EveryToken().positions(text.sequence)) >= size
        ]
        for _ in range(TRIES):
            text, positions = generator.choice(places)
            trigger = Trigger.of(text.sequence, generator.sample(positions, size))
            if trigger not in candidates:
                candidates[trigger] = Candidate(trigger, candidate.towards)
                break
    return list(candidates.values())


def strongest_pattern(
    layers: Sequence[Tensor], usable: Sequence[int], most: int = 2
) -> Optional[tuple[list[int], float]]:
    """
    Of the head with the largest attribution of a connection, its strongest connections (Hao, Dong,
    Wei, Xu, AAAI 2021, section on adversarial attack).

    # Parameters

    layers : `Sequence[Tensor]`
        For each layer the attribution of each head's attention, as in `Connections`, of one text.
        Each of shape (heads, tokens, tokens).
    usable : `Sequence[int]`
        The positions of the tokens that count, without special tokens. A token's connection to
        itself does not count.
    most : `int`
        How many connections.

    # Returns

    The positions of the tokens that they connect, in ascending order, and the largest attribution;
    `None` where no connection speaks for the class.
    """
    places = torch.tensor(list(usable), dtype=torch.long, device=layers[0].device)
    heads = torch.cat(list(layers))[:, places][
        :, :, places
    ]  # a copy; shape: (heads, usable, usable)
    heads.diagonal(dim1=-2, dim2=-1).fill_(-torch.inf)
    flat = heads.flatten(1)  # shape: (heads, usable * usable)
    if not flat.numel() or float(flat.max()) <= 0:
        return None
    head = flat[int(flat.amax(dim=-1).argmax())]
    values, entries = head.topk(min(most, len(head)))
    ends = [divmod(int(entry), len(usable)) for entry, v in zip(entries, values) if v > 0]
    positions = {usable[place] for pair in ends for place in pair}
    return sorted(positions), float(values[0])

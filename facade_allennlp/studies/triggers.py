"""Mines triggers on some labelled inputs, and measures what others lose to them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from tqdm import tqdm

from facade_allennlp.attacks.trigger import Trigger
from facade_allennlp.attribution import AttentionAttribution, ExplainedModel, FieldTokens
from facade_allennlp.scores.averages import percent
from facade_allennlp.studies.labelled import labelled_batches, predicted
from facade_allennlp.studies.patterns import strongest_pattern
from facade_allennlp.targets import EveryToken
from facade_allennlp.tasks.class_names import class_name
from facade_allennlp.texts.token_sequence import TokenSequence

LONGEST = 4
"""The most tokens of a trigger: the ends of two connections."""

TRIES = 100
"""To draw a trigger that was not drawn before."""

ALL = "all"
"""The name of the accuracy over all classes."""


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
    # Parameters

    instances : `Sequence[Instance]`
        Indexed and labelled.

    # Returns

    Those that a trigger can be put into: the others would be longer than the tokenizer or the
    encoder takes.

    # Raises

    `ConfigurationError` : there is no such text; the model reads several text fields, or embeds
        other pieces than the tokens of the one.
    """
    found: dict[int, LabelledText] = {}
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
        sequences = field.editable(batch, explained.reader, "to have a trigger put in")
        (classes,) = forward.predictions()
        rows = zip(batch, sequences, labels.tolist(), (classes == labels).tolist())
        found.update(zip(indices, (LabelledText(*row) for row in rows)))
    fitting = [text for _, text in sorted(found.items()) if _has_room(explained, text)]
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
    """
    right = [text for text in texts if text.right]
    instances = [text.instance for text in right]
    found: dict[tuple[Trigger, int], float] = {}
    # One forward pass holds many points of few inputs.
    at_once = max(1, explained.max_batch_tokens // len(method.shares))
    with tqdm(total=len(right), desc="mining", unit="input") as progress:
        for indices, inputs, _ in labelled_batches(explained.with_budget(at_once), instances):
            remaining = iter(indices)
            parts = method.connections(explained, inputs)
            for part in parts:
                for sequence, layers in part.texts(explained.reader):
                    label = right[next(remaining)].label
                    pattern = strongest_pattern(layers, EveryToken().positions(sequence))
                    if pattern is not None:
                        positions, attribution = pattern
                        key = (Trigger.of(sequence, positions), label)
                        found[key] = max(attribution, found.get(key, 0.0))
                    progress.update()
    candidates = [Candidate(*key, attribution) for key, attribution in found.items()]
    return sorted(candidates, key=lambda candidate: -(candidate.attribution or 0.0))


def drawn(texts: Sequence[LabelledText], like: Sequence[Candidate], seed: int) -> list[Candidate]:
    """
    For each of some candidates, as `mined` gives them, another of the same class with as many
    tokens, drawn at random from a text of that class that is predicted right; each once, as far as
    there are others.
    """
    generator = random.Random(seed)
    found: dict[Trigger, Candidate] = {}
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
            if trigger not in found:
                found[trigger] = Candidate(trigger, candidate.towards)
                break
    return list(found.values())


def most_harmful(
    explained: ExplainedModel,
    texts: Sequence[LabelledText],
    candidates: Sequence[Candidate],
    most: int,
) -> list[Candidate]:
    """
    Those that leave the least accuracy on the texts of other classes than their own, the most
    harmful first; of equally harmful ones the first.
    """
    left = []
    for candidate in tqdm(candidates, desc="trying", unit="trigger"):
        others = [text for text in texts if text.label != candidate.towards]
        accuracies = accuracy(explained, others, candidate.trigger)
        left.append(accuracies[ALL] or 0.0)
    order = sorted(range(len(candidates)), key=left.__getitem__)
    return [candidates[place] for place in order[:most]]


def accuracy(
    explained: ExplainedModel,
    texts: Sequence[LabelledText],
    trigger: Optional[Trigger] = None,
) -> dict[str, Optional[float]]:
    """
    By the name of the gold class, and of all, in percent; with a trigger, after it was put into
    every input.
    """
    vocabulary = explained.model.vocab
    right = [text.right for text in texts]
    if trigger is not None:
        instances = [trigger.put_into(t.instance, t.sequence, vocabulary) for t in texts]
        for indices, inputs, labels in labelled_batches(explained, instances):
            for index, as_gold in zip(indices, predicted(explained, inputs) == labels):
                right[index] = bool(as_gold)
    by_class = {
        class_name(vocabulary, label): percent(
            as_gold for text, as_gold in zip(texts, right) if text.label == label
        )
        for label in sorted({text.label for text in texts})
    }
    return {**by_class, ALL: percent(right)}


def measured(
    explained: ExplainedModel,
    mining: Sequence[LabelledText],
    texts: Sequence[LabelledText],
    method: AttentionAttribution,
    candidates: int,
    most: int,
    seed: int,
) -> dict[str, Any]:
    """
    # Parameters

    mining : `Sequence[LabelledText]`
        What triggers are mined and chosen on.
    texts : `Sequence[LabelledText]`
        What is attacked.
    candidates : `int`
        How many of the strongest triggers of each class are tried on `mining`, and how many drawn
        at random.
    most : `int`
        How many of those are put into `texts`, for each class.

    # Returns

    `mined`, how many of each class; `before`, and for each of `triggers` `after`, see `accuracy`;
    with its `tokens`, the class that it is from, `towards`, and the `attribution` of its strongest
    connection, `None` for those drawn at random.

    # Raises

    `ConfigurationError` : `mining` is all of one class, or no trigger is found in it.
    """
    labels = sorted({text.label for text in mining})
    if len(labels) < 2:
        raise ConfigurationError(
            "triggers turn predictions from one class to another, but what they are mined on is "
            f"all {class_name(explained.model.vocab, labels[0])!r}"
        )
    every = mined(explained, mining, method)
    if not every:
        raise ConfigurationError(
            f"no trigger was found: of the {len(mining)} texts none is predicted right and has a "
            "connection that speaks for its class"
        )
    triggers = []
    for label in labels:
        strongest = [candidate for candidate in every if candidate.towards == label][:candidates]
        for tried in (strongest, drawn(mining, strongest, seed)):
            for chosen in most_harmful(explained, mining, tried, most):
                triggers.append(
                    {
                        "towards": class_name(explained.model.vocab, label),
                        "attribution": chosen.attribution,
                        "text": str(chosen.trigger),
                        "tokens": chosen.trigger.to_json(),
                        "after": accuracy(explained, texts, chosen.trigger),
                    }
                )
    counts = {
        class_name(explained.model.vocab, label): sum(found.towards == label for found in every)
        for label in labels
    }
    return {"mined": counts, "before": accuracy(explained, texts), "triggers": triggers}

"""Texts from which tokens are taken out, and what a model makes of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from allennlp.data import Instance, Vocabulary

from facade_allennlp.attribution import ExplainedModel, FieldTokens
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.targets import EveryToken
from facade_allennlp.tasks.choices import choice_from, rows_of
from facade_allennlp.texts.edit import check_editable, keep_tokens

Erased = frozenset[int]
"""The columns, on the token axis of an `Attribution`, of the tokens that are taken out."""


@dataclass
class Trial:
    """
    What a model makes of a text without some tokens.

    # Parameters

    probability : `float`
        That it gives what it predicts of the whole text.
    predicted : `str`
        What it predicts now.
    """

    probability: float
    predicted: str


@dataclass
class Erasure:
    """
    One instance whose tokens can be taken out. Special tokens stay, and so does a text field's last
    token.

    # Parameters

    instance : `Instance`
        Indexed, without labels.
    columns : `dict[int, tuple[str, int]]`
        Of the tokens that can be taken out: their field and their position in it.
    special : `dict[str, list[int]]`
        For each text field the positions of its special tokens.
    """

    instance: Instance
    columns: dict[int, tuple[str, int]]
    special: dict[str, list[int]]
    trials: dict[Erased, "Trial"] = field(default_factory=dict)
    """What the model makes of it without some of the tokens, once `run` has been through."""

    def first(self, order: Sequence[int], most: int) -> Erased:
        """The first `most` columns of an order that can be taken out together."""
        left = {name: len(special) for name, special in self.special.items()}
        for name, _ in self.columns.values():
            left[name] += 1
        erased: list[int] = []
        for column in order:
            name, _ = self.columns[column]
            if len(erased) < most and left[name] > 1:
                left[name] -= 1
                erased.append(column)
        return frozenset(erased)

    def without(self, erased: Collection[int], vocabulary: Vocabulary) -> Instance:
        kept = {name: list(special) for name, special in self.special.items()}
        for column, (name, position) in self.columns.items():
            if column not in erased:
                kept[name].append(position)
        instance = self.instance
        for name, positions in kept.items():
            if len(positions) < len(instance.fields[name]):  # type: ignore[arg-type]
                instance = keep_tokens(instance, name, sorted(positions), vocabulary)
        return instance


def erasures(
    explained: ExplainedModel, instances: Sequence[Instance], fields: Sequence[FieldTokens]
) -> list[Erasure]:
    """
    Instances whose tokens can be taken out.

    # Parameters

    instances : `Sequence[Instance]`
    fields : `Sequence[FieldTokens]`
        What the model embeds of these instances.

    # Raises

    `ConfigurationError` : what the model embeds are not the tokens of the text fields.
    """
    texts = [Erasure(explained.unlabelled(instance), {}, {}) for instance in instances]
    before = 0
    for tokens in fields:
        sequences = tokens.sequences(explained.reader)
        check_editable(instances, sequences, "for faithfulness to be measured")
        for text, sequence in zip(texts, sequences):
            positions = EveryToken().positions(sequence)
            text.columns.update({before + p: (tokens.name, p) for p in positions})
            text.special[tokens.name] = sorted(set(range(len(sequence.tokens))) - set(positions))
        before += tokens.mask.shape[1]
    return texts


def run(
    explained: ExplainedModel,
    wanted: Sequence[tuple[Erasure, Sequence[Any], Collection[Erased]]],
) -> None:
    """
    Predicts all texts together, each once, and notes what the model makes of them.

    # Parameters

    wanted : `Sequence[tuple[Erasure, Sequence[Any], Collection[Erased]]]`
        For each text what the model predicts of the whole, a value for each output, and the tokens
        to take out.
    """
    missing = [
        (erasure, choice, erased)
        for erasure, choice, wanted_erased in wanted
        for erased in dict.fromkeys(wanted_erased)
        if erased not in erasure.trials
    ]
    vocabulary = explained.model.vocab
    texts = [erasure.without(erased, vocabulary) for erasure, _, erased in missing]
    for indices, inputs in in_batches(explained, texts):
        with torch.no_grad():
            forward = explained.run(inputs)
        forward.logits = [logits.double() for logits in forward.logits]
        choice = choice_from([missing[index][1] for index in indices], explained.device)
        probabilities = forward.task.probability(forward, choice).tolist()
        predictions = rows_of(forward.predictions())
        task = forward.task
        for index, probability, predicted in zip(indices, probabilities, predictions):
            erasure, whole, erased = missing[index]
            # Numbers that are the same may be spelled otherwise.
            told = whole if task.same(predicted, whole) else predicted
            erasure.trials[erased] = Trial(probability, task.spell(told))

"""Texts from which tokens are taken out, and what a model makes of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import torch
from allennlp.data import Instance, Vocabulary

from facade_allennlp.attribution import ExplainedModel, FieldTokens
from facade_allennlp.attribution.batches import in_batches, unlabelled
from facade_allennlp.targets import EveryToken
from facade_allennlp.texts.edit import keep_tokens

Erased = frozenset[int]
"""The columns, on the token axis of an `Attribution`, of the tokens that are taken out."""


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
    probabilities: dict[Erased, list[float]] = field(default_factory=dict)
    """By class, without some of the tokens, once `run` has been through."""

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
    # Parameters

    instances : `Sequence[Instance]`
    fields : `Sequence[FieldTokens]`
        What the model embeds of these instances.

    # Raises

    `ConfigurationError` : what the model embeds are not the tokens of the text fields.
    """
    made = [Erasure(unlabelled(instance, explained.model), {}, {}) for instance in instances]
    before = 0
    for of_field in fields:
        sequences = of_field.editable(
            instances, explained.reader, "for faithfulness to be measured"
        )
        for erasure, sequence in zip(made, sequences):
            positions = EveryToken().positions(sequence)
            erasure.columns.update({before + p: (of_field.name, p) for p in positions})
            erasure.special[of_field.name] = sorted(
                set(range(len(sequence.tokens))) - set(positions)
            )
        before += of_field.mask.shape[1]
    return made


def run(
    explained: ExplainedModel,
    wanted: Sequence[tuple[Erasure, Collection[Erased]]],
) -> None:
    """Predicts all texts together, each once, and notes their probabilities."""
    trials = [
        (erasure, erased)
        for erasure, of_erasure in wanted
        for erased in dict.fromkeys(of_erasure)
        if erased not in erasure.probabilities
    ]
    vocabulary = explained.model.vocab
    texts = [erasure.without(erased, vocabulary) for erasure, erased in trials]
    for indices, inputs in in_batches(explained, texts):
        with torch.no_grad():
            (logits,) = explained.run(inputs).logits
        for index, row in zip(indices, logits.double().softmax(dim=-1).tolist()):
            erasure, erased = trials[index]
            erasure.probabilities[erased] = row

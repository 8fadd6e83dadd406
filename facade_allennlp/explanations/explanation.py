from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from torch import Tensor

from facade_allennlp.attribution import Attribution, AttributionMethod, ExplainedModel, FieldTokens
from facade_allennlp.attribution.batches import in_batches, unlabelled
from facade_allennlp.attribution.explained_model import ForwardPass
from facade_allennlp.attribution.inputs import Inputs
from facade_allennlp.attribution.outputs import SPAN
from facade_allennlp.scores.ranking import highest_first
from facade_allennlp.tasks.class_names import class_index, class_name
from facade_allennlp.texts.source_text import SourceText
from facade_allennlp.texts.typed_words import source_text

NO_ANSWER = "no answer"
"""A model's answer where the span starts at a special token."""


@dataclass
class MethodScores:
    """
    The scores of one method, one for each token.

    # Parameters

    scores : `list[float]`
        Where `signed`, positive ones speak for the explained class, and negative ones against it.
    attribution : `list[float]`
        Eq. 1 of Wang et al. 2020: the scores' magnitudes as shares that sum to 1, or all zero where
        a method gave no finite score.
    signed : `bool`
        Whether the method tells what speaks for the class from what speaks against it.
    """

    scores: list[float]
    attribution: list[float]
    signed: bool

    def top(self, most: int) -> list[int]:
        """The positions of the tokens with the highest attribution, the highest first."""
        order = highest_first(self.attribution)[:most]
        return [position for position in order if self.attribution[position] > 0]


@dataclass
class Explanation:
    """
    # Parameters

    text : `SourceText`
        Of all text fields, one after the other.
    explained_class : `str`
        The name of the class that is explained; of a span its words as they were
        typed, or `NO_ANSWER`.
    probability : `float`
        That the model gives it.
    methods : `dict[str, MethodScores]`
        By the methods' names.
    """

    text: SourceText
    explained_class: str
    probability: float
    methods: dict[str, MethodScores]

    def to_json(self, top: int) -> dict[str, Any]:
        """`top` is how many of the tokens with the highest attribution are named."""
        tokens = self.text.tokens
        return {
            "class": self.explained_class,
            "probability": self.probability,
            "tokens": tokens,
            "words": self.text.words,
            "word_ids": self.text.word_ids,
            "methods": {
                name: {
                    "scores": made.scores,
                    "attribution": made.attribution,
                    "signed": made.signed,
                    "top": [
                        {
                            "token": tokens[position],
                            "position": position,
                            "attribution": made.attribution[position],
                        }
                        for position in made.top(top)
                    ],
                }
                for name, made in self.methods.items()
            },
        }


def explain(
    explained: ExplainedModel,
    instances: Sequence[Instance],
    methods: Mapping[str, AttributionMethod],
    wanted: Optional[Sequence[Optional[str]]] = None,
) -> list[Explanation]:
    """
    # Parameters

    explained : `ExplainedModel`
        In evaluation mode.
    instances : `Sequence[Instance]`
        Indexed with the model's vocabulary; from a reader under `keep_source_texts`, so that words
        are shown as they were typed.
    methods : `Mapping[str, AttributionMethod]`
    wanted : `Sequence[str | None]`, optional
        For each instance the class to explain, by name or number; `None` for the prediction.

    # Raises

    `ConfigurationError` : the model has no such class, or answers with a span and a class is named.
    """
    found: dict[int, Explanation] = {}
    for batch in predicted_batches(explained, instances, wanted):
        indices, inputs, forward, classes = batch
        made = {
            name: method.attribute(explained, inputs, classes) for name, method in methods.items()
        }
        sequences = [FieldTokens.of(field).sequences(explained.reader) for field in forward.fields]
        mask = torch.cat([field.mask for field in forward.fields], dim=-1)
        for row, index in enumerate(indices):
            text = source_text(instances[index], [of_field[row] for of_field in sequences])
            of_row = [int(of_output[row]) for of_output in classes]
            found[index] = Explanation(
                text,
                _spelled(explained, forward, of_row, text),
                _probability(forward, row, of_row),
                {
                    name: _scores(methods[name], attribution, row, mask[row])
                    for name, attribution in made.items()
                },
            )
    return [found[index] for index in range(len(instances))]


def predicted_batches(
    explained: ExplainedModel,
    instances: Sequence[Instance],
    wanted: Optional[Sequence[Optional[str]]],
) -> Iterator[tuple[list[int], Inputs, ForwardPass, list[Tensor]]]:
    """
    For each batch the indices of its instances, their tensors, what the model makes of them, and
    the classes to explain, for each output one of shape (batch,). Arguments as those of `explain`.
    """
    wanted = wanted or [None] * len(instances)
    bare = [unlabelled(instance, explained.model) for instance in instances]
    for indices, inputs in in_batches(explained, bare):
        with torch.no_grad():
            forward = explained.run(inputs)
        of_batch = [wanted[index] for index in indices]
        yield indices, inputs, forward, _wanted_classes(explained, forward, of_batch)


def _wanted_classes(
    explained: ExplainedModel, forward: ForwardPass, wanted: Sequence[Optional[str]]
) -> list[Tensor]:
    classes = [of_output.clone() for of_output in forward.predictions()]
    for row, name in enumerate(wanted):
        if name is None:
            continue
        if len(classes) != 1:
            raise ConfigurationError(
                f"the class {name!r} cannot be explained: {type(explained.model).__name__} answers "
                f"with {', '.join(forward.names)}, so that only its own answer can be"
            )
        size = forward.logits[0].shape[-1]
        classes[0][row] = class_index(explained.model.vocab, name, size)
    return classes


def _spelled(
    explained: ExplainedModel, forward: ForwardPass, classes: Sequence[int], text: SourceText
) -> str:
    if forward.names == SPAN:
        first, last = classes
        if text.word_ids[first] is None:
            return NO_ANSWER
        words = sorted({word for word in text.word_ids[first : last + 1] if word is not None})
        return " ".join(text.words[word] for word in words)
    return ", ".join(class_name(explained.model.vocab, index) for index in classes)


def _probability(forward: ForwardPass, row: int, classes: Sequence[int]) -> float:
    of_outputs = (logits[row].softmax(dim=-1) for logits in forward.logits)
    return prod(float(of[index]) for of, index in zip(of_outputs, classes))


def _scores(
    method: AttributionMethod, attribution: Attribution, row: int, real: Tensor
) -> MethodScores:
    towards = method.towards or 1
    return MethodScores(
        (towards * attribution.raw[row][real]).tolist(),
        attribution.normalized[row][real].tolist(),
        method.towards is not None,
    )

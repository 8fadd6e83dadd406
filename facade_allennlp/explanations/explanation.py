from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

import torch
from allennlp.data import Instance
from torch import Tensor

from facade_allennlp.attribution import AttributionMethod, ExplainedModel, FieldTokens
from facade_allennlp.attribution.attempt import attempt, sentence
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.attribution.forward_pass import ForwardPass
from facade_allennlp.attribution.inputs import Inputs
from facade_allennlp.scores.ranking import highest_first
from facade_allennlp.tasks.choices import rows_of
from facade_allennlp.texts.source_text import SourceText
from facade_allennlp.texts.typed_words import source_text


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
    One input, explained by some methods.

    # Parameters

    text : `SourceText`
        Of all text fields, one after the other.
    explained_class : `str`
        What is explained, as its task spells it: the name of a class; of a span its words as they
        were typed, or `NO_ANSWER`.
    probability : `float | None`
        That the model gives it; `None` of a task without probabilities.
    methods : `dict[str, MethodScores]`
        By the methods' names.
    failed : `dict[str, str]`
        Why, by the names of the methods that fail on this input.
    """

    text: SourceText
    explained_class: str
    probability: Optional[float]
    methods: dict[str, MethodScores]
    failed: dict[str, str] = field(default_factory=dict)

    def to_json(self, top: int) -> dict[str, Any]:
        """`top` is how many of the tokens with the highest attribution are named."""
        tokens = self.text.tokens
        return {
            "class": self.explained_class,
            "probability": self.probability,
            "tokens": tokens,
            "words": self.text.words,
            "word_ids": self.text.word_ids,
            "truncated": self.text.truncated,
            "methods": {
                name: {
                    "scores": scores.scores,
                    "attribution": scores.attribution,
                    "signed": scores.signed,
                    "top": [
                        {
                            "token": tokens[position],
                            "position": position,
                            "attribution": scores.attribution[position],
                        }
                        for position in scores.top(top)
                    ],
                }
                for name, scores in self.methods.items()
            },
            **({"failed": self.failed} if self.failed else {}),
        }


def explain(
    explained: ExplainedModel,
    instances: Sequence[Instance],
    methods: Mapping[str, AttributionMethod],
    wanted: Optional[Sequence[Optional[str]]] = None,
) -> list[Explanation]:
    """
    Explains instances, many at a time.

    >>> (explanation,) = explain(explained, [instance], {"gradient": Gradient()})
    >>> explanation.methods["gradient"].attribution

    # Parameters

    explained : `ExplainedModel`
        In evaluation mode.
    instances : `Sequence[Instance]`
        Indexed with the model's vocabulary; from a reader under `keep_source_texts`, so that words
        are shown as they were typed.
    methods : `Mapping[str, AttributionMethod]`
    wanted : `Sequence[str | None]`, optional
        For each instance what to explain, such as a class by name or number; `None` for the
        prediction.

    # Raises

    `ConfigurationError` : the model has no such class, or answers with a span and a class is named.
    `Exception` : whatever the first method raises, where all methods fail on all inputs.
    """
    explanations: dict[int, Explanation] = {}
    errors: list[Exception] = []
    for indices, inputs, forward, choice in predicted_batches(explained, instances, wanted):
        bare = explained.without_labels(inputs)
        attempts = {
            name: attempt(method, explained, bare, forward, choice)
            for name, method in methods.items()
        }
        shares = {name: attribution.normalized for name, (attribution, _) in attempts.items()}
        errors += [error for _, failed in attempts.values() for error in failed.values()]
        task = forward.task
        probabilities = task.probability(forward, choice).tolist()
        choices = rows_of(choice)
        sequences = [FieldTokens.of(read).sequences(explained.reader) for read in forward.fields]
        mask = torch.cat([read.mask for read in forward.fields], dim=-1)  # shape: (rows, tokens)
        for row, index in enumerate(indices):
            text = source_text(instances[index], [read[row] for read in sequences])
            explanations[index] = Explanation(
                text,
                task.spell(choices[row], text),
                probabilities[row] if task.has_probabilities else None,
                {
                    name: _scores(
                        methods[name], attribution.raw[row][mask[row]], shares[name][row][mask[row]]
                    )
                    for name, (attribution, failed) in attempts.items()
                    if row not in failed
                },
                {
                    name: sentence(failed[row])
                    for name, (_, failed) in attempts.items()
                    if row in failed
                },
            )
    if errors and not any(explanation.methods for explanation in explanations.values()):
        raise errors[0]
    return [explanations[index] for index in range(len(instances))]


def predicted_batches(
    explained: ExplainedModel,
    instances: Sequence[Instance],
    wanted: Optional[Sequence[Optional[str]]],
) -> Iterator[tuple[list[int], Inputs, ForwardPass, list[Tensor]]]:
    """
    For each batch the indices of its instances, their tensors, what the model makes of them, and
    what is to be explained, for each output one of shape (rows, ...). Arguments as those of
    `explain`.
    """
    wanted = wanted or [None] * len(instances)
    bare = [explained.unlabelled(instance) for instance in instances]
    for indices, inputs in in_batches(explained, bare):
        with torch.no_grad():
            forward = explained.run(inputs)
        forward.check_finite()
        choice = [chosen.clone() for chosen in forward.predictions()]
        for row, index in enumerate(indices):
            name = wanted[index]
            if name is not None:
                for chosen, value in zip(choice, forward.task.choice_of(name, forward, row)):
                    chosen[row] = torch.as_tensor(value)
        yield indices, inputs, forward, choice


def _scores(method: AttributionMethod, raw: Tensor, shares: Tensor) -> MethodScores:
    """Of the real tokens of an input. Both of shape (tokens,)."""
    signed = method.towards is not None
    return MethodScores(((method.towards or 1) * raw).tolist(), shares.tolist(), signed)

"""The model that is audited, and what several kinds of evidence ask of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Optional

import torch
from allennlp.data import Instance
from torch import Tensor

from facade_allennlp.attribution import ExplainedModel, FieldTokens
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.attribution.forward_pass import ForwardPass
from facade_allennlp.attribution.gradient_method import gradients
from facade_allennlp.attribution.objectives import margin_on
from facade_allennlp.attribution.word_frequencies import Frequencies, frequencies
from facade_allennlp.sources import corpus
from facade_allennlp.targets import EveryToken
from facade_allennlp.tasks import Choice

FEW = 8
"""With fewer texts nothing is said of a model."""
ONE_WORD = 0.3
"""
No word of a language is so large a share of its texts. What stands for all unknown words is, where
texts are of a language that the vocabulary does not have.
"""


@dataclass
class Slopes:
    """
    One batch of texts, and the slope of the margin of the model's decisions at them.

    # Parameters

    inputs : `dict[str, Any]`
        Without labels.
    forward : `ForwardPass`
    choice : `Choice`
        What the model decides.
    slopes : `list[Tensor]`
        For each text field. Each of shape (rows, tokens, features).
    ordinary : `list[Tensor]`
        True for the tokens that are words, for each text field. Each of shape (rows, tokens).
    """

    inputs: dict[str, Any]
    forward: ForwardPass
    choice: Choice
    slopes: list[Tensor]
    ordinary: list[Tensor]

    @property
    def raw(self) -> list[Tensor]:
        """Gradient × input, for each text field. Each of shape (rows, tokens)."""
        return [
            (slope * field.embeddings.detach()).sum(dim=-1) * field.mask
            for slope, field in zip(self.slopes, self.forward.fields)
        ]


class Subject:
    """
    A model under audit, and texts to look at it with.

    # Parameters

    explained : `ExplainedModel`
        In evaluation mode.
    instances : `Sequence[Instance]`
        Indexed.
    seed : `int`, optional (default = `0`)
        Of what is drawn.
    """

    def __init__(
        self, explained: ExplainedModel, instances: Sequence[Instance], seed: int = 0
    ) -> None:
        self.explained = explained
        self.instances = list(instances)
        self.seed = seed

    @cached_property
    def words(self) -> Frequencies:
        """How often each word is one of the texts' words."""
        return frequencies(self.explained, self.instances)

    @cached_property
    def slopes(self) -> list[Slopes]:
        """Of all texts, in batches of like length."""
        return self.slopes_of(self.instances)

    def slopes_of(self, instances: Sequence[Instance]) -> list[Slopes]:
        """Of some texts."""
        return [
            slopes_at(self.explained, self.explained.without_labels(inputs))
            for _, inputs in in_batches(self.explained, instances)
        ]

    def some(self, most: int) -> list[Instance]:
        """At most so many of the texts, evenly spread."""
        return corpus.spread(self.instances, most)

    @cached_property
    def moves(self) -> float:
        """The deviation of the margins over the texts: 0 where nothing depends on the text."""
        margins = [margin_on(part.choice)(part.forward).detach() for part in self.slopes]
        return float(torch.cat(margins).double().std(correction=0))

    @cached_property
    def one_decision(self) -> bool:
        """Whether all texts are decided alike."""
        rows = [
            tuple(map(repr, row))
            for part in self.slopes
            for row in zip(*[chosen.tolist() for chosen in part.choice])
        ]
        return len(set(rows)) == 1

    @cached_property
    def unfit(self) -> Optional[str]:
        """
        A sentence, where these texts tell nothing: they are too few, or no texts to the model, or
        all the same to it.
        """
        if len(self.instances) < FEW:
            return f"{len(self.instances)} texts are too few: give at least {FEW}"
        if not self.words:
            return "no text has a word that the model reads"
        for namespace, (ids, shares) in self.words.items():
            share, place = shares.max(dim=0)
            if (share > ONE_WORD and len(ids) > 1) or len(ids) == 1:
                token = self.explained.model.vocab.get_token_from_index(int(ids[place]), namespace)
                return (
                    f"{float(share):.0%} of the words are one token to the model, {token!r}: give "
                    "texts of the language of its vocabulary"
                )
        if self.moves == 0:
            return "the model says the same of all texts, so that nothing is explained by any word"
        return None


def slopes_at(explained: ExplainedModel, inputs: dict[str, Any]) -> Slopes:
    """The slopes at a batch of inputs without labels."""
    forward = explained.forward(inputs)
    forward.check_finite()
    choice = forward.predictions()
    with torch.enable_grad():
        slopes = gradients(forward, margin_on(choice)(forward))
    ordinary = [
        FieldTokens.of(field).marked(explained.reader, EveryToken().positions)
        for field in forward.fields
    ]
    for field in forward.fields:
        field.embeddings = field.embeddings.detach()
    return Slopes(inputs, forward, choice, slopes, ordinary)

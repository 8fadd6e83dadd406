from collections.abc import Sequence
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance, Vocabulary
from allennlp.data.fields import SequenceLabelField
from torch import Tensor, nn

from facade_allennlp.tasks.alternatives import arbitrary, ruled_out
from facade_allennlp.tasks.class_names import class_index, class_name
from facade_allennlp.tasks.decision import Decision
from facade_allennlp.tasks.model_output import ModelOutput
from facade_allennlp.tasks.one_of_many import OneOfMany
from facade_allennlp.tasks.task import LABELS, Choice, Score, Task
from facade_allennlp.texts.source_text import SourceText
from facade_allennlp.texts.token_sequence import TokenSequence
from facade_allennlp.texts.typed_words import source_text

OUTSIDE = "O"
"""The label of tokens that belong to nothing."""

ALL = slice(None)
"""Of rows."""


@Task.register("token_label")
class TokenLabel(OneOfMany):
    """
    A label for each token, of which one decision is explained: a choice is a token and its label.
    The label of a word is that of its first token. By default the most certain label that is not
    `O` is explained; where all are `O`, that of the word that comes nearest to another label.

    A user names `LABEL@WORD`: a label at the first word of that spelling, or of that number, from
    1. `@WORD` is the label that the model gives the word, `LABEL` the word that it is most
    probable of.

    # Parameters

    vocab, label_namespace : see `Task`.
    gold_field : `str`, optional (default = `"tags"`)
        The field of an instance that holds the gold label of each token.
    """

    scores = {"accuracy": Score("accuracy")}
    chooses_tokens = True
    decides_by_token = True

    def __init__(
        self, vocab: Vocabulary, label_namespace: str = LABELS, gold_field: str = "tags"
    ) -> None:
        super().__init__(vocab, label_namespace, gold_field)

    @classmethod
    def suits(cls, output: ModelOutput) -> bool:
        return [logits.dim() for logits in output.logits] == [3]

    @classmethod
    def fits(cls, output: ModelOutput, model: nn.Module) -> bool:
        return cls.suits(output)

    def choose(self, output: ModelOutput) -> list[Tensor]:
        shares = output.logits[0].detach().softmax(dim=-1)  # shape: (rows, tokens, labels)
        labels = shares.argmax(dim=-1)
        outside = self.vocabulary.get_token_to_index_vocabulary(self.label_namespace).get(OUTSIDE)
        certainty = shares.amax(dim=-1)  # shape: (rows, tokens)
        if outside is not None:
            other = shares.clone()
            other[..., outside] = 0
            # Above 1 where another label is the token's, so that those go before all others.
            certainty = other.amax(dim=-1) + (labels != outside)
        positions = certainty.masked_fill(~self._counted(output), -1).argmax(dim=-1)
        return [positions, labels.gather(-1, positions.unsqueeze(-1)).squeeze(-1)]

    def choice_of(self, name: str, output: ModelOutput, row: int = 0) -> list[Any]:
        logits, alone = output.logits[0][row], slice(row, row + 1)
        known = self.vocabulary.get_token_to_index_vocabulary(self.label_namespace)
        label, at, word = (name, "", "") if name in known else name.partition("@")
        if not at:
            number = class_index(self.vocabulary, label, logits.shape[-1], self.label_namespace)
            shares = logits.detach().softmax(dim=-1)[:, number]
            return [int(shares.masked_fill(~self._counted(output, alone)[0], -1).argmax()), number]
        position = _first_token(word, self._sequences(output, alone)[0])
        if not label:
            return [position, int(logits[position].argmax())]
        return [
            position,
            class_index(self.vocabulary, label, logits.shape[-1], self.label_namespace),
        ]

    def loss(self, output: ModelOutput, choice: Choice) -> Tensor:
        return super().loss(*_at(output, choice))

    def chosen_logits(self, output: ModelOutput, choice: Choice) -> list[Tensor]:
        return super().chosen_logits(*_at(output, choice))

    def probability(self, output: ModelOutput, choice: Choice) -> Tensor:
        return super().probability(*_at(output, choice))

    def alternatives(self, output: ModelOutput) -> list[Tensor]:
        """Tokens whose label does not count have no alternative to the first label."""
        (logits,) = output.logits
        kept = self._counted(output).unsqueeze(-1).repeat(1, 1, logits.shape[-1])
        kept[..., 0] = True
        return [ruled_out(logits, kept)]

    def arbitrary_choice(self, output: ModelOutput, keys: Tensor) -> list[Tensor]:
        counted = self._counted(output)
        positions = arbitrary(
            keys, ruled_out(torch.zeros_like(counted, dtype=torch.float), counted)
        )
        at, _ = _at(output, [positions, keys])
        return [positions, arbitrary(keys, at.logits[0])]

    def again(self, output: ModelOutput, asked: Choice) -> list[Tensor]:
        at, _ = _at(output, asked)
        return [asked[0], at.logits[0].detach().argmax(dim=-1)]

    def in_original(self, choice: Sequence[Any], kept: Sequence[int]) -> list[Any]:
        position, label = choice
        return [kept[position], label]

    def spell(self, choice: Sequence[Any], text: Optional[SourceText] = None) -> str:
        position, label = (int(number) for number in choice)
        return f"{self._name(label)}@{_word(position, text)}"

    def _name(self, label: int) -> str:
        return class_name(self.vocabulary, label, self.label_namespace)

    def _gold_labels(self, instance: Instance) -> Optional[list[Optional[str]]]:
        """One for each token; `None` of a token whose label is not told."""
        field = instance.fields.get(self.gold_field)
        if not isinstance(field, SequenceLabelField):
            return None
        return [self._name(it) if isinstance(it, int) else it for it in field.labels]

    def decisions(self, output: ModelOutput, instances: Sequence[Instance]) -> list[Decision]:
        labels = output.logits[0].detach().argmax(dim=-1).tolist()  # shape: (rows, tokens)
        choice = self.choose(output)
        shares = self.probability(output, choice).tolist()
        positions = choice[0].tolist()
        decisions = []
        for row, (instance, sequence) in enumerate(zip(instances, self._sequences(output))):
            text = source_text(instance, [sequence])
            position = positions[row]
            gold = self._gold_labels(instance)
            told, right, accuracy = None, None, None
            if gold is not None:
                hits = [
                    self._name(label) == name
                    for label, name in zip(labels[row], gold)
                    if name is not None
                ]
                accuracy = sum(hits) / len(hits) if hits else None
                if gold[position] is not None:
                    told = f"{gold[position]}@{_word(position, text)}"
                    right = self._name(labels[row][position]) == gold[position]
            decisions.append(
                Decision(
                    self.spell([position, labels[row][position]], text),
                    [shares[row]],
                    told,
                    right,
                    {"accuracy": accuracy},
                )
            )
        return decisions

    def _sequences(self, output: ModelOutput, rows: slice = ALL) -> list[TokenSequence]:
        """
        What the tokens of each of some rows say.

        # Raises

        `ConfigurationError` : the model labels something else than the tokens of its one text.
        """
        shape = tuple(output.logits[0].shape[:2])
        if [tuple(field.mask.shape) for field in output.fields] != [shape]:
            read = ", ".join(f"{field.name!r} {tuple(field.mask.shape)}" for field in output.fields)
            raise ConfigurationError(
                f"the model labels tokens of shape {shape}, but embeds {read or 'no text'}: the "
                "label of a token can be explained where each token that is embedded has one"
            )
        (field,) = output.fields
        ids, mask = field.ids[rows], field.mask[rows]
        return self.reader.sequences(field.name, ids, mask, field.namespace)

    def _counted(self, output: ModelOutput, rows: slice = ALL) -> Tensor:
        """
        True for the first token of each word; in a text without words for all of its tokens.
        Shape: (rows, tokens).
        """
        logits = output.logits[0][rows]
        counted = torch.zeros(logits.shape[:2], dtype=torch.bool)
        for row, sequence in enumerate(self._sequences(output, rows)):
            counted[row, sequence.word_starts or range(len(sequence.tokens))] = True
        return counted.to(logits.device)


def _at(output: ModelOutput, choice: Choice) -> tuple[ModelOutput, Choice]:
    """The logits of the chosen token, and the label that is chosen of them."""
    (logits,) = output.logits
    positions, labels = choice
    rows = torch.arange(len(logits), device=logits.device)
    return ModelOutput(output.names, [logits[rows, positions]], output.outputs, ()), [labels]


def _word(position: int, text: Optional[SourceText]) -> str:
    """The word of a token as it was typed; of a special token its spelling."""
    if text is None:
        return f"token {position}"
    word = text.word_ids[position]
    return text.tokens[position] if word is None else text.words[word]


def _first_token(word: str, sequence: TokenSequence) -> int:
    """
    # Raises

    `ConfigurationError` : the text has no such word.
    """
    if word.lower() in sequence.words:
        return sequence.word_starts[sequence.words.index(word.lower())]
    if word.isascii() and word.isdecimal() and 1 <= int(word) <= len(sequence.words):
        return sequence.word_starts[int(word) - 1]
    raise ConfigurationError(
        f"there is no word {word!r} in the text, which has {', '.join(sequence.words) or 'none'}: "
        "name one of them, or its number from 1"
    )

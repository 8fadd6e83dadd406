from collections.abc import Mapping, Sequence
from typing import Any, Optional

import torch
from allennlp.data import Instance
from allennlp.data.fields import MultiLabelField
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from facade_allennlp.tasks.class_names import class_index, class_name
from facade_allennlp.tasks.decision import Decision
from facade_allennlp.tasks.model_output import ModelOutput
from facade_allennlp.tasks.task import Choice, Score, Task
from facade_allennlp.texts.source_text import SourceText

NO_LABEL = "no label"
"""What a model says that gives no label more than even odds."""

ON, OFF, UNASKED = 1, 0, -1
"""What a choice says of a label; only those that are asked for tell choices apart."""

SIGMOID_LOSSES = (nn.BCEWithLogitsLoss, nn.MultiLabelSoftMarginLoss)
"""Layers that only a model with a sigmoid for each label has."""


@Task.register("several_labels")
class SeveralLabels(Task):
    """
    Any number of labels, each by its own logit, of which a sigmoid makes its probability: a label
    is on where that is more than one half. The labels that are on are explained, or one that is
    named; L is the sum of their -log p. Where none is on, that none is: the sum of -log(1 - p) of
    all. The probability of several labels is the product of each one's.

    # Parameters

    vocab, label_namespace, gold_field : see `Task`.
    """

    scores = {"accuracy": Score("accuracy"), "f1": Score("F1")}

    @classmethod
    def suits(cls, output: ModelOutput) -> bool:
        return [logits.dim() for logits in output.logits] == [2]

    @classmethod
    def fits(cls, output: ModelOutput, model: nn.Module) -> bool:
        return has_sigmoids(output, model)

    def choose(self, output: ModelOutput) -> list[Tensor]:
        (logits,) = output.logits
        return [(logits.detach() > 0).long()]  # shape: (rows, labels)

    def choice_of(self, name: str, output: ModelOutput, row: int = 0) -> list[Any]:
        labels = output.logits[0].shape[-1]
        choice = [UNASKED] * labels
        choice[class_index(self.vocabulary, name, labels, self.label_namespace)] = ON
        return [choice]

    def _explained(self, choice: Choice) -> Tensor:
        """
        1 for the labels whose presence is explained; where none is on, -1 for all, whose absence
        is. Shape: (rows, labels).
        """
        (chosen,) = choice
        present = (chosen == ON).float()
        return torch.where(present.any(dim=-1, keepdim=True), present, -torch.ones_like(present))

    def _towards(self, output: ModelOutput, choice: Choice) -> tuple[Tensor, Tensor]:
        """The logit of what is explained of each label, and 1 where something is."""
        (logits,) = output.logits
        explained = self._explained(choice).to(logits)
        return logits * explained, explained.abs()

    def loss(self, output: ModelOutput, choice: Choice) -> Tensor:
        towards, counted = self._towards(output, choice)
        return -(logsigmoid(towards) * counted).sum(dim=-1)  # shape: (rows,)

    def chosen_logits(self, output: ModelOutput, choice: Choice) -> list[Tensor]:
        towards, _ = self._towards(output, choice)
        return [towards.sum(dim=-1)]  # shape: (rows,)

    def probability(self, output: ModelOutput, choice: Choice) -> Tensor:
        return (-self.loss(output, choice)).exp()  # shape: (rows,)

    def alternatives(self, output: ModelOutput) -> list[Tensor]:
        (logits,) = output.logits
        # A sigmoid is a softmax over the logit and 0.
        return [torch.stack([torch.zeros_like(logits), logits], dim=-1)]  # (rows, labels, 2)

    def arbitrary_choice(self, output: ModelOutput, keys: Tensor) -> list[Tensor]:
        """One label, which is on."""
        (logits,) = output.logits
        choice = torch.full_like(logits, UNASKED, dtype=torch.long)
        return [choice.scatter(-1, (keys % logits.shape[-1]).unsqueeze(-1), ON)]

    def same(self, first: Sequence[Any], second: Sequence[Any]) -> bool:
        return all(
            a == b or UNASKED in (a, b)
            for labels, others in zip(first, second)
            for a, b in zip(labels, others)
        )

    def spell(self, choice: Sequence[Any], text: Optional[SourceText] = None) -> str:
        (labels,) = choice
        names = [self._name(number) for number, state in enumerate(labels) if state == ON]
        return ", ".join(names) or NO_LABEL

    def _name(self, number: int) -> str:
        return class_name(self.vocabulary, number, self.label_namespace)

    def gold(self, instance: Instance) -> Optional[str]:
        names = self._gold_names(instance)
        if names is None:
            return None
        order = self.vocabulary.get_token_to_index_vocabulary(self.label_namespace)
        known = sorted(names, key=lambda name: (order.get(name, len(order)), name))
        return ", ".join(known) or NO_LABEL

    def _gold_names(self, instance: Instance) -> Optional[set[str]]:
        field = instance.fields.get(self.gold_field)
        if not isinstance(field, MultiLabelField):
            return None
        return {
            self._name(label) if isinstance(label, int) else str(label) for label in field.labels
        }

    def gold_choice(self, inputs: Mapping[str, Any]) -> list[Tensor]:
        return [inputs[self.gold_field]]

    def decisions(self, output: ModelOutput, instances: Sequence[Instance]) -> list[Decision]:
        (logits,) = output.logits
        decisions = []
        for instance, chosen, shares in zip(
            instances, self.choose(output)[0].tolist(), logits.detach().sigmoid().tolist()
        ):
            predicted = {self._name(number) for number, state in enumerate(chosen) if state == ON}
            names = self._gold_names(instance)
            right = None if names is None else predicted == names
            decisions.append(
                Decision(
                    self.spell([chosen]),
                    shares,
                    self.gold(instance),
                    right,
                    {
                        "accuracy": None if right is None else float(right),
                        "f1": None if names is None else _f1(predicted, names),
                    },
                )
            )
        return decisions


def has_sigmoids(output: ModelOutput, model: nn.Module) -> bool:
    """
    Whether a model shows that each of its logits is decided on by itself: by probabilities that are
    the sigmoid of the logits, or by the layer that computes its loss.
    """
    if not SeveralLabels.suits(output):
        return False
    logits = output.logits[0].detach()
    return any(isinstance(module, SIGMOID_LOSSES) for module in model.modules()) or any(
        isinstance(value, Tensor)
        and value.shape == logits.shape
        and torch.allclose(value.detach().to(logits), logits.sigmoid(), rtol=1e-3, atol=1e-6)
        for value in output.outputs.values()
    )


def _f1(predicted: set[str], gold: set[str]) -> float:
    """The F1 of one instance's labels; 1 where there are none, and none are predicted."""
    labels = len(predicted) + len(gold)
    return 2 * len(predicted & gold) / labels if labels else 1.0

"""Outputs that have a logit for each of several possibilities, of which one is chosen."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from facade_allennlp.tasks.alternatives import arbitrary
from facade_allennlp.tasks.model_output import ModelOutput
from facade_allennlp.tasks.task import Choice, Task


class OneOfMany(Task):
    """
    Tasks whose choice is, for each output, the number of one of its logits. L is the cross-entropy,
    summed over outputs; the probability is the product of the outputs' softmax.
    """

    def loss(self, output: ModelOutput, choice: Choice) -> Tensor:
        losses = [
            cross_entropy(logits, chosen, reduction="none")
            for logits, chosen in zip(output.logits, choice)
        ]
        return torch.stack(losses).sum(dim=0)  # shape: (rows,)

    def chosen_logits(self, output: ModelOutput, choice: Choice) -> list[Tensor]:
        return [
            logits.gather(-1, chosen.unsqueeze(-1)).squeeze(-1)  # shape: (rows,)
            for logits, chosen in zip(output.logits, choice)
        ]

    def probability(self, output: ModelOutput, choice: Choice) -> Tensor:
        probabilities = [
            logits.softmax(dim=-1).gather(-1, chosen.unsqueeze(-1)).squeeze(-1)
            for logits, chosen in zip(output.logits, choice)
        ]
        return torch.stack(probabilities).prod(dim=0)  # shape: (rows,)

    def arbitrary_choice(self, output: ModelOutput, keys: Tensor) -> list[Tensor]:
        return [arbitrary(keys, logits) for logits in output.logits]

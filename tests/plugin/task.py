"""A task from outside: a model that grades a text, such as how many stars it deserves."""

from collections.abc import Sequence
from typing import Any, Optional

import torch
from allennlp.data import Instance
from allennlp.data.fields import ArrayField
from torch import Tensor, nn

from facade_allennlp.tasks import Choice, Decision, ModelOutput, Score, Task
from facade_allennlp.texts.source_text import SourceText


@Task.register("stars")
class Stars(Task):
    """
    A grade on an ordered scale, by a logit for each star, whose sigmoid is the probability that the
    text deserves it and all those before. The grade is how many are more likely than not. What is
    explained is the expected grade, the sum of those probabilities: the loss is its negative, so
    that a score speaks for more stars.
    """

    scores = {"error": Score("mean error", percent=False)}
    has_probabilities = False

    @classmethod
    def fits(cls, output: ModelOutput, model: nn.Module) -> bool:
        return type(model).__name__ == "Stars"

    def _expected(self, output: ModelOutput) -> Tensor:
        return output.logits[0].sigmoid().sum(dim=-1)  # shape: (rows,)

    def choose(self, output: ModelOutput) -> list[Tensor]:
        return [(output.logits[0].detach() > 0).sum(dim=-1)]  # shape: (rows,)

    def loss(self, output: ModelOutput, choice: Choice) -> Tensor:
        return -self._expected(output)

    def chosen_logits(self, output: ModelOutput, choice: Choice) -> list[Tensor]:
        return [output.logits[0].sum(dim=-1)]  # shape: (rows,)

    def probability(self, output: ModelOutput, choice: Choice) -> Tensor:
        return self._expected(output)

    def alternatives(self, output: ModelOutput) -> list[Tensor]:
        (logits,) = output.logits
        return [torch.stack([torch.zeros_like(logits), logits], dim=-1)]  # (rows, stars, 2)

    def spell(self, choice: Sequence[Any], text: Optional[SourceText] = None) -> str:
        return f"{choice[0]} of 4 stars"

    def gold(self, instance: Instance) -> Optional[int]:
        field = instance.fields.get("stars")
        return int(field.array) if isinstance(field, ArrayField) else None

    def decisions(self, output: ModelOutput, instances: Sequence[Instance]) -> list[Decision]:
        decisions = []
        for instance, grade in zip(instances, self.choose(output)[0].tolist()):
            gold = self.gold(instance)
            error = None if gold is None else float(abs(grade - gold))
            told = None if gold is None else self.spell([gold])
            decisions.append(Decision(self.spell([grade]), [], told, None, {"error": error}))
        return decisions

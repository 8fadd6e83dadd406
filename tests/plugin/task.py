"""A task from outside: a model that gives a text a number, such as how many stars it deserves."""

from collections.abc import Sequence
from typing import Any, Optional

from allennlp.data import Instance
from allennlp.data.fields import ArrayField
from torch import Tensor, nn

from facade_allennlp.tasks import Choice, Decision, ModelOutput, Score, Task
from facade_allennlp.texts.source_text import SourceText


@Task.register("stars")
class Stars(Task):
    """
    One logit, which is the number itself. What is explained is the number: the loss is its
    negative, so that a score speaks for more of it.
    """

    scores = {"error": Score("mean error", percent=False)}
    has_probabilities = False

    @classmethod
    def fits(cls, output: ModelOutput, model: nn.Module) -> bool:
        return type(model).__name__ == "Stars"

    def _number(self, output: ModelOutput) -> Tensor:
        return output.logits[0].squeeze(-1)  # shape: (rows,)

    def choose(self, output: ModelOutput) -> list[Tensor]:
        return [self._number(output).detach()]

    def loss(self, output: ModelOutput, choice: Choice) -> Tensor:
        return -self._number(output)

    def chosen_logits(self, output: ModelOutput, choice: Choice) -> list[Tensor]:
        return [self._number(output)]

    def probability(self, output: ModelOutput, choice: Choice) -> Tensor:
        return self._number(output)

    def same(self, first: Sequence[Any], second: Sequence[Any]) -> bool:
        return bool(abs(first[0] - second[0]) < 0.05)

    def spell(self, choice: Sequence[Any], text: Optional[SourceText] = None) -> str:
        return f"{choice[0]:.4f}"

    def gold(self, instance: Instance) -> Optional[str]:
        field = instance.fields.get("stars")
        return f"{float(field.array):.4f}" if isinstance(field, ArrayField) else None

    def decisions(self, output: ModelOutput, instances: Sequence[Instance]) -> list[Decision]:
        decisions = []
        for instance, number in zip(instances, self.choose(output)[0].tolist()):
            gold = self.gold(instance)
            error = None if gold is None else abs(number - float(gold))
            decisions.append(Decision(self.spell([number]), [], gold, None, {"error": error}))
        return decisions

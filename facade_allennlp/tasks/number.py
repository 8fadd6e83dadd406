from collections.abc import Sequence
from typing import Any, Optional

import torch
from allennlp.data import Instance, Vocabulary
from allennlp.data.fields import TensorField
from torch import Tensor, nn

from facade_allennlp.number import number
from facade_allennlp.tasks.decision import Decision
from facade_allennlp.tasks.model_output import ModelOutput
from facade_allennlp.tasks.several_labels import has_sigmoids
from facade_allennlp.tasks.task import LABELS, Choice, Score, Task
from facade_allennlp.texts.source_text import SourceText


@Task.register("number")
class Number(Task):
    """
    A number, such as how many stars a review gives: the only logit. The number itself is explained:
    L is its negative, so that a score speaks for more of it. It has no probability.

    # Parameters

    vocab, label_namespace, gold_field : see `Task`.
    tolerance : `float`, optional (default = `0.1`)
        Numbers that differ by less are the same to attacks, and where predictions are compared.

    # Raises

    `ConfigurationError` : a tolerance that is not positive and finite.
    """

    scores = {"mean_error": Score("mean error", percent=False)}
    has_probabilities = False

    def __init__(
        self,
        vocab: Vocabulary,
        label_namespace: str = LABELS,
        gold_field: str = "label",
        tolerance: float = 0.1,
    ) -> None:
        super().__init__(vocab, label_namespace, gold_field)
        self.tolerance = number("tolerance of the task number", tolerance, above=0)

    @classmethod
    def suits(cls, output: ModelOutput) -> bool:
        return [tuple(logits.shape[1:]) for logits in output.logits] in ([(1,)], [()])

    @classmethod
    def fits(cls, output: ModelOutput, model: nn.Module) -> bool:
        return cls.suits(output) and not has_sigmoids(output, model)

    def _number(self, output: ModelOutput) -> Tensor:
        return output.logits[0].flatten()  # shape: (rows,)

    def choose(self, output: ModelOutput) -> list[Tensor]:
        return [self._number(output).detach()]

    def loss(self, output: ModelOutput, choice: Choice) -> Tensor:
        return -self._number(output)

    def chosen_logits(self, output: ModelOutput, choice: Choice) -> list[Tensor]:
        return [self._number(output)]

    def probability(self, output: ModelOutput, choice: Choice) -> Tensor:
        return self._number(output)

    def alternatives(self, output: ModelOutput) -> list[Tensor]:
        """The number beside 0, which is what a model gives that says nothing."""
        given = self._number(output)
        return [torch.stack([torch.zeros_like(given), given], dim=-1)]  # shape: (rows, 2)

    def arbitrary_choice(self, output: ModelOutput, keys: Tensor) -> list[Tensor]:
        """The number that it is: there is no other to explain."""
        return self.choose(output)

    def same(self, first: Sequence[Any], second: Sequence[Any]) -> bool:
        return bool(abs(first[0] - second[0]) < self.tolerance)

    def spell(self, choice: Sequence[Any], text: Optional[SourceText] = None) -> str:
        return f"{choice[0]:.4f}"

    def gold(self, instance: Instance) -> Optional[str]:
        gold = self._gold_number(instance)
        return None if gold is None else self.spell([gold])

    def _gold_number(self, instance: Instance) -> Optional[float]:
        field = instance.fields.get(self.gold_field)
        return float(field.tensor) if isinstance(field, TensorField) else None

    def decisions(self, output: ModelOutput, instances: Sequence[Instance]) -> list[Decision]:
        decisions = []
        for instance, given in zip(instances, self.choose(output)[0].tolist()):
            gold = self._gold_number(instance)
            error = None if gold is None else abs(given - gold)
            decisions.append(
                Decision(self.spell([given]), [], self.gold(instance), None, {"mean_error": error})
            )
        return decisions

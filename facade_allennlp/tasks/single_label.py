from collections.abc import Mapping, Sequence
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.data.fields import LabelField, MultiLabelField
from torch import Tensor, nn

from facade_allennlp.tasks.class_names import class_index, class_name
from facade_allennlp.tasks.decision import Decision
from facade_allennlp.tasks.model_output import ModelOutput
from facade_allennlp.tasks.one_of_many import OneOfMany
from facade_allennlp.tasks.several_labels import has_sigmoids
from facade_allennlp.tasks.task import Score, Task
from facade_allennlp.texts.source_text import SourceText


@Task.register("single_label")
class SingleLabel(OneOfMany):
    """
    One of several classes: the one with the highest logit. A model may decide on several things at
    once; the first output is the one that is scored.

    # Parameters

    vocab, label_namespace, gold_field : see `Task`.
    """

    scores = {"accuracy": Score("accuracy")}
    requests = {"text_classifier": ("sentence",), "textual_entailment": ("premise", "hypothesis")}

    @classmethod
    def suits(cls, output: ModelOutput) -> bool:
        return all(logits.dim() == 2 and logits.shape[-1] > 1 for logits in output.logits)

    @classmethod
    def fits(cls, output: ModelOutput, model: nn.Module) -> bool:
        return cls.suits(output) and not has_sigmoids(output, model)

    def choose(self, output: ModelOutput) -> list[Tensor]:
        return [logits.detach().argmax(dim=-1) for logits in output.logits]  # each of shape (rows,)

    def choice_of(self, name: str, output: ModelOutput, row: int = 0) -> list[Any]:
        if len(output.logits) > 1:
            raise ConfigurationError(
                f"the class {name!r} cannot be explained: the model makes several decisions, "
                f"{', '.join(output.names)}, so that only its own can be"
            )
        classes = output.logits[0].shape[-1]
        return [class_index(self.vocabulary, name, classes, self.label_namespace)]

    def spell(self, choice: Sequence[Any], text: Optional[SourceText] = None) -> str:
        return ", ".join(
            class_name(self.vocabulary, int(number), self.label_namespace) for number in choice
        )

    def gold(self, instance: Instance) -> Optional[str]:
        field = instance.fields.get(self.gold_field)
        if isinstance(field, MultiLabelField):
            raise ConfigurationError(
                f"{self.gold_field!r} may hold several labels, but the model is taken for one that "
                "gives each text a single one: name the task several_labels"
            )
        if not isinstance(field, LabelField):
            return None
        if isinstance(field.label, int):  # a reader that numbers the classes itself
            return class_name(self.vocabulary, field.label, self.label_namespace)
        return str(field.label)

    def gold_choice(self, inputs: Mapping[str, Any]) -> list[Tensor]:
        return [inputs[self.gold_field]]

    def decisions(self, output: ModelOutput, instances: Sequence[Instance]) -> list[Decision]:
        probabilities = output.logits[0].softmax(dim=-1).tolist()
        chosen = self.choose(output)[0].tolist()
        decisions = []
        for instance, number, shares in zip(instances, chosen, probabilities):
            prediction, gold = self.spell([number]), self.gold(instance)
            right = None if gold is None else prediction == gold
            against_gold = {"accuracy": None if right is None else float(right)}
            decisions.append(Decision(prediction, shares, gold, right, against_gold))
        return decisions

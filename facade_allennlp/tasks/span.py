from collections.abc import Sequence
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance, Vocabulary
from allennlp.data.fields import MetadataField
from torch import Tensor, nn

from facade_allennlp.tasks.decision import Decision
from facade_allennlp.tasks.model_output import ModelOutput
from facade_allennlp.tasks.one_of_many import OneOfMany
from facade_allennlp.tasks.span_answers import exact_match, f1
from facade_allennlp.tasks.task import LABELS, Score, Task
from facade_allennlp.texts.source_text import SourceText

NO_ANSWER = "no answer"
"""A model's answer where the span starts at a special token."""


@Task.register("span")
class Span(OneOfMany):
    """
    An answer that is a span of the text: one logit per token, for the span's first and last token.
    The best span does not end before it starts.
    """

    logits = ("span_start_logits", "span_end_logits")
    scores = {"exact_match": Score("EM"), "f1": Score("F1")}
    requests = {"transformer_qa": ("question", "context")}
    chooses_tokens = True

    def __init__(self, vocab: Vocabulary, label_namespace: str = LABELS) -> None:
        super().__init__(vocab, label_namespace)

    @classmethod
    def suits(cls, output: ModelOutput) -> bool:
        return [logits.dim() for logits in output.logits] == [2, 2]

    @classmethod
    def fits(cls, output: ModelOutput, model: nn.Module) -> bool:
        return tuple(output.names) == cls.logits

    def choose(self, output: ModelOutput) -> list[Tensor]:
        from allennlp_models.rc.models.utils import get_best_span  # slow to import

        starts, ends = (logits.detach() for logits in output.logits)
        return list(get_best_span(starts, ends).unbind(dim=-1))  # each of shape (rows,)

    def choice_of(self, name: str, output: ModelOutput, row: int = 0) -> list[Any]:
        raise ConfigurationError(
            f"the class {name!r} cannot be explained: the model answers with a span "
            f"({', '.join(output.names)}), so that only its own answer can be"
        )

    def in_original(self, choice: Sequence[Any], kept: Sequence[int]) -> list[Any]:
        return [kept[position] for position in choice]

    def confidence(self, output: ModelOutput) -> Tensor:
        return output.outputs["best_span_scores"]

    def spell(self, choice: Sequence[Any], text: Optional[SourceText] = None) -> str:
        """The words as they were typed, or `NO_ANSWER`."""
        first, last = (int(position) for position in choice)
        if text is None:
            return f"tokens {first} to {last}"
        if text.word_ids[first] is None:
            return NO_ANSWER
        words = sorted({word for word in text.word_ids[first : last + 1] if word is not None})
        return " ".join(text.words[word] for word in words)

    def gold(self, instance: Instance) -> Optional[str]:
        answers = _metadata(instance).get("answers")
        return str(answers[0]) if answers else None

    def decisions(self, output: ModelOutput, instances: Sequence[Instance]) -> list[Decision]:
        decisions = []
        for row, instance in enumerate(instances):
            metadata = _metadata(instance)
            answers = list(metadata["answers"])
            prediction = output.outputs["best_span_str"][row]
            right = exact_match(prediction, answers) if answers else None
            decisions.append(
                Decision(
                    prediction,
                    [float(output.outputs["best_span_probs"][row])],
                    self.gold(instance),
                    right,
                    {
                        "exact_match": None if right is None else float(right),
                        "f1": f1(prediction, answers) if answers else None,
                    },
                    {
                        "question": metadata["id"],
                        "answers": answers,
                        "score": float(self.confidence(output)[row]),
                    },
                )
            )
        return decisions


def _metadata(instance: Instance) -> dict[str, Any]:
    field = instance.fields.get("metadata")
    return field.metadata if isinstance(field, MetadataField) else {}

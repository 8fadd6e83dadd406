"""What a model decides, and how that is explained, spelled and scored."""

from facade_allennlp.tasks.decision import Decision
from facade_allennlp.tasks.model_output import ModelOutput
from facade_allennlp.tasks.single_label import SingleLabel
from facade_allennlp.tasks.span import NO_ANSWER, Span
from facade_allennlp.tasks.task import Choice, Score, Task

__all__ = [
    "NO_ANSWER",
    "Choice",
    "Decision",
    "ModelOutput",
    "Score",
    "SingleLabel",
    "Span",
    "Task",
]

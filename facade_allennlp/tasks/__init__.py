"""What a model decides, and how that is explained, spelled and scored."""

from facade_allennlp.tasks.decision import Decision
from facade_allennlp.tasks.model_output import ModelOutput
from facade_allennlp.tasks.number import Number
from facade_allennlp.tasks.several_labels import NO_LABEL, SeveralLabels
from facade_allennlp.tasks.single_label import SingleLabel
from facade_allennlp.tasks.span import NO_ANSWER, Span
from facade_allennlp.tasks.task import Choice, Score, Task
from facade_allennlp.tasks.token_label import TokenLabel

__all__ = [
    "NO_ANSWER",
    "NO_LABEL",
    "Choice",
    "Decision",
    "ModelOutput",
    "Number",
    "Score",
    "SeveralLabels",
    "SingleLabel",
    "Span",
    "Task",
    "TokenLabel",
]

"""What a model decides on an instance, in words: a class, or a span of the text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

import torch
from allennlp.data import Instance, Vocabulary
from allennlp.data.fields import LabelField, MetadataField

from facade_allennlp.attribution.explained_model import ForwardPass
from facade_allennlp.attribution.outputs import SPAN
from facade_allennlp.tasks.class_names import class_name
from facade_allennlp.tasks.span_answers import exact_match, f1


@dataclass
class Decision:
    """
    # Parameters

    prediction : `str`
        The class; the text of the span.
    probabilities : `list[float]`
        By class; of a span, its own only.
    label : `str | None`
        The gold label, where the instance has one.
    span : `dict | None`
        Of a span: the id of its `question` (a long passage is read in several windows, an instance
        each), the gold `answers`, and the `score` that tells the windows' answers apart.
    """

    prediction: str
    probabilities: list[float]
    label: Optional[str] = None
    span: Optional[dict[str, Any]] = None

    @property
    def gold(self) -> Optional[str]:
        """The gold label; of a question the first of its gold answers."""
        if self.span is None:
            return self.label
        return str(self.span["answers"][0]) if self.span["answers"] else None

    @property
    def right(self) -> Optional[bool]:
        """Whether the prediction is a gold one; `None` where nothing is known to be right."""
        first = next(iter(self.against_gold.values()))
        return None if first is None else bool(first)

    @property
    def against_gold(self) -> dict[str, Optional[float]]:
        """By the names of the task's scores how well the prediction does."""
        if self.span is None:
            known = self.label is not None
            return {"accuracy": float(self.prediction == self.label) if known else None}
        answers = self.span["answers"]
        if not answers:
            return {"exact_match": None, "f1": None}
        exact = float(exact_match(self.prediction, answers))
        return {"exact_match": exact, "f1": f1(self.prediction, answers)}


def decisions(
    forward: ForwardPass, instances: Sequence[Instance], vocabulary: Vocabulary
) -> list[Decision]:
    """One per instance, from the forward pass over them."""
    if forward.names == SPAN:
        return _spans(forward.outputs, instances)
    probabilities = torch.softmax(forward.logits[0], dim=-1).tolist()
    return [
        Decision(class_name(vocabulary, int(predicted)), of_classes, label=_gold(instance))
        for instance, predicted, of_classes in zip(
            instances, forward.predictions()[0], probabilities
        )
    ]


def _spans(outputs: dict[str, Any], instances: Sequence[Instance]) -> list[Decision]:
    found = []
    for row, instance in enumerate(instances):
        metadata = instance.fields["metadata"]
        assert isinstance(metadata, MetadataField)
        span = {
            "question": metadata["id"],
            "answers": list(metadata["answers"]),
            "score": float(outputs["best_span_scores"][row]),
        }
        probability = float(outputs["best_span_probs"][row])
        found.append(Decision(outputs["best_span_str"][row], [probability], span=span))
    return found


def _gold(instance: Instance) -> Optional[str]:
    field = instance.fields.get("label")
    return str(field.label) if isinstance(field, LabelField) else None

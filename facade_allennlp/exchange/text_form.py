"""Models with one decision on a text or on a pair of texts (`...ForSequenceClassification`)."""

from typing import Any, Optional

from allennlp.common.checks import ConfigurationError

from facade_allennlp.exchange.form import Form
from facade_allennlp.exchange.layout import Layout, classifier, labels_of, reader_parts
from facade_allennlp.exchange.original import Original

PROBLEMS = {
    "single_label_classification": "single_label",
    "multi_label_classification": "several_labels",
    "regression": "number",
}
"""What transformers calls our tasks."""
MODELS = {
    "single_label": "basic_classifier",
    "several_labels": "several_labels",
    "number": "number",
}
READERS = {
    "single_label": "text_classification_json",
    "several_labels": "several_labels",
    "number": "number",
}
PAIR_READERS = {
    "single_label": "snli",
    "several_labels": "several_labels_of_pairs",
    "number": "number_of_pairs",
}
"""By the task, the registered names."""


class TextForm(Form):
    """
    One text, and its label.

    # Parameters

    length : `int`, optional
        See `Form`.
    task : `str`
        The registered name of a task.
    """

    def __init__(self, length: Optional[int], task: str) -> None:
        super().__init__(length)
        self.task = task

    def layout(self, original: Original) -> Layout:
        config, weights = classifier(original, MODELS[self.task])
        labels = [] if self.task == "number" else labels_of(original)
        return Layout(self.reader(), self.model(config), weights, labels)

    def reader(self) -> dict[str, Any]:
        return {"type": READERS[self.task], **reader_parts(self.length)}

    def model(self, config: dict[str, Any]) -> dict[str, Any]:
        return config


class PairForm(TextForm):
    """A pair of texts, joined by the tokenizer, and its label."""

    def lengths(self) -> list[tuple[int, ...]]:
        lengths = self.spread()
        short, long = lengths[0], lengths[-1]
        return [*zip(lengths, lengths), (short, long), (long, short)]

    def reader(self) -> dict[str, Any]:
        return {
            "type": PAIR_READERS[self.task],
            **reader_parts(self.length, add_special_tokens=False),
        }

    def model(self, config: dict[str, Any]) -> dict[str, Any]:
        return {"type": "pair_model", "model": config}


def task_of(original: Original, asked: Optional[str] = None) -> str:
    """
    What a model of texts decides: what is asked for, else what its config says, else a number for
    one label, as in transformers, and one of the labels for more.

    # Raises

    `ConfigurationError` : it is no known task, or does not go with the number of labels.
    """
    problem, labels = original.config.problem_type, original.config.num_labels
    task = asked or PROBLEMS.get(problem) or ("number" if labels == 1 else "single_label")
    if task not in MODELS:
        raise ConfigurationError(f"task is {task!r}, but must be one of {', '.join(MODELS)}")
    if (task == "number") != (labels == 1) and task != "several_labels":
        raise ConfigurationError(
            f"{original.name} has {labels} labels, which is not what the task {task} takes: name "
            "its task, or set problem_type in its config.json"
        )
    return task

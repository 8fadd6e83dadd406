from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Optional

from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance, Vocabulary
from torch import Tensor, nn

from facade_allennlp.registered import made
from facade_allennlp.tasks.decision import Decision
from facade_allennlp.tasks.model_output import ModelOutput
from facade_allennlp.texts.source_text import SourceText
from facade_allennlp.texts.token_reader import TokenReader

Choice = Sequence[Tensor]
"""
What is explained: a decision for each row, for each of a model's outputs, such as the number of the
class. Each of shape (rows, ...). Only the task reads it; others pick rows, and join them.
"""

LABELS = "labels"
"""The namespace of labels in AllenNLP's vocabularies."""


@dataclass(frozen=True)
class Score:
    """
    How predictions are held against gold values. That of a corpus is the mean over its inputs.

    # Parameters

    title : `str`
        For the heads of tables.
    percent : `bool`
        Whether the mean of a corpus is told in percent.
    """

    title: str
    percent: bool = True


class Task(Registrable):
    """
    What a model decides, and how that is explained, spelled and scored. A new task is one file with
    one registered subclass; nothing else knows what logits mean.

    # Parameters

    vocab : `Vocabulary`
        The model's. It comes from the model, not from a config.
    label_namespace : `str`, optional (default = that of the model)
        Where the vocabulary holds the names of classes.
    gold_field : `str`, optional (default = `"label"`)
        The field of an instance that holds its gold value.
    """

    logits: ClassVar[Sequence[str]] = ()
    """The names of the outputs that hold its logits; by default all that end in `logits`."""

    scores: ClassVar[Mapping[str, Score]] = {}
    """How predictions are held against gold values, by name; the most important one first."""

    requests: ClassVar[Mapping[str, Sequence[str]]] = {}
    """The names of the texts that predictors read, by the predictors' registered names."""

    has_probabilities: ClassVar[bool] = True

    chooses_tokens: ClassVar[bool] = False
    """Whether choices are positions in the last text, so that they move when tokens are dropped."""

    decides_by_token: ClassVar[bool] = False
    """
    Whether there is a decision for each token, of which a choice is one: then another text is asked
    for the decision on the same token (see `again`), which attacks leave where it is.
    """

    def __init__(
        self, vocab: Vocabulary, label_namespace: str = LABELS, gold_field: str = "label"
    ) -> None:
        self.vocabulary = vocab
        self.label_namespace = label_namespace
        self.gold_field = gold_field
        self.reader = TokenReader(vocab)
        """Of the ids that the model embeds; an explained model puts its own here."""

    @classmethod
    def suits(cls, output: ModelOutput) -> bool:
        """Whether the logits have the shape that this task reads."""
        return True

    @classmethod
    def fits(cls, output: ModelOutput, model: nn.Module) -> bool:
        """
        Whether a model that gives this output has this task, where nobody says so. Tasks are asked
        from the last registered one on.
        """
        return False

    @property
    def name(self) -> str:
        """The name under which the task is registered."""
        names = Task._registry[Task]
        return next(
            (name for name, (cls, _) in names.items() if cls is type(self)), type(self).__name__
        )

    def choose(self, output: ModelOutput) -> list[Tensor]:
        """The model's decision for each row, without a graph: a `Choice`."""
        raise NotImplementedError

    def choice_of(self, name: str, output: ModelOutput, row: int = 0) -> list[Any]:
        """
        The choice that a user names, for one row: a value for each output.

        # Parameters

        row : `int`
            Which; only a task whose choices are places in the text has to know.

        # Raises

        `ConfigurationError` : there is no such choice.
        """
        raise ConfigurationError(
            f"{name!r} cannot be explained: the model answers with {', '.join(output.names)}, so "
            "that only its own answer can be"
        )

    def loss(self, output: ModelOutput, choice: Choice) -> Tensor:
        """
        L of eq. 1, which gradient methods explain: small where the output speaks for the choice.
        Shape: (rows,).
        """
        raise NotImplementedError

    def chosen_logits(self, output: ModelOutput, choice: Choice) -> list[Tensor]:
        """
        The logits of the choice, whose sum methods explain that do not explain a loss. Each of
        shape (rows,).
        """
        raise NotImplementedError

    def probability(self, output: ModelOutput, choice: Choice) -> Tensor:
        """
        The probability of the choice, which methods explain that look at how it changes; where a
        task has none, the number that takes its place. Shape: (rows,).
        """
        raise NotImplementedError

    def alternatives(self, output: ModelOutput) -> list[Tensor]:
        """
        What is decided between: for each output logits of which a softmax over the last axis makes
        probabilities, of shape (rows, alternatives), or (rows, decisions, alternatives) where a
        row has several. Placeholders (see `possible`) are no alternatives.
        """
        return output.logits

    def arbitrary_choice(self, output: ModelOutput, keys: Tensor) -> list[Tensor]:
        """
        A choice for each row that follows from its key, and not from what the model decides.

        # Parameters

        keys : `Tensor`
            Such as the sum of a row's token ids. Shape: (rows,).
        """
        raise NotImplementedError

    def confidence(self, output: ModelOutput) -> Tensor:
        """
        Which of several instances that are made of one request has the answer: the one with the
        highest. Shape: (rows,).
        """
        return self.probability(output, self.choose(output))

    def again(self, output: ModelOutput, asked: Choice) -> list[Tensor]:
        """
        What the model decides; where it decides by token, on the tokens of the choices `asked`,
        which are in these rows.
        """
        return self.choose(output)

    def in_original(self, choice: Sequence[Any], kept: Sequence[int]) -> list[Any]:
        """
        A choice of one row of a shortened text as one of the whole text.

        # Parameters

        kept : `Sequence[int]`
            The positions of the tokens that the last text keeps.
        """
        return list(choice)

    def same(self, first: Sequence[Any], second: Sequence[Any]) -> bool:
        """Whether two choices of one row, as Python values for each output, are the same."""
        return list(first) == list(second)

    def spell(self, choice: Sequence[Any], text: Optional[SourceText] = None) -> str:
        """
        A choice of one row, as Python values for each output, in words.

        # Parameters

        text : `SourceText`, optional
            What the model read; a task whose choices are positions in it needs it.
        """
        raise NotImplementedError

    def gold_choice(self, inputs: Mapping[str, Any]) -> list[Tensor]:
        """
        The gold values of a batch that has them.

        # Raises

        `ConfigurationError` : gold values of this task are no choices.
        """
        raise ConfigurationError(
            f"gold values of the task {self.name!r} are not what it can be asked to explain"
        )

    def decisions(self, output: ModelOutput, instances: Sequence[Instance]) -> list[Decision]:
        """One for each instance, from the pass over them."""
        raise NotImplementedError


def fitting_task(
    output: ModelOutput, vocab: Vocabulary, label_namespace: str, model: nn.Module
) -> Task:
    """
    The task of a model that gave this output.

    # Raises

    `ConfigurationError` : no task fits.
    """
    for name in reversed(Task.list_available()):
        kind: Any = Task.by_name(name)
        if kind.fits(output, model):
            return make_task(name, vocab, label_namespace)
    raise ConfigurationError(
        f"{type(model).__name__} returns {_shapes(output)}, which none of the tasks "
        f"{', '.join(Task.list_available())} reads: name its task"
    )


def check_suits(task: Task, output: ModelOutput, model: nn.Module) -> None:
    """
    Checks that a task reads what a model gave.

    # Raises

    `ConfigurationError` : its logits have another shape.
    """
    if not task.suits(output):
        raise ConfigurationError(
            f"{type(model).__name__} returns {_shapes(output)}, which the task {task.name!r} does "
            "not read: name another task, or with --logits the outputs that it reads"
        )


def _shapes(output: ModelOutput) -> str:
    return ", ".join(
        f"{name} of shape {tuple(logits.shape)}"
        for name, logits in zip(output.names, output.logits)
    )


def make_task(config: Any, vocab: Vocabulary, label_namespace: str) -> Task:
    """
    A task from its registered name, or a config with a `type`.

    >>> make_task("single_label", model.vocab, "labels")
    """
    return made(Task, config, vocab=vocab, label_namespace=label_namespace)


def known_scores() -> dict[str, Score]:
    """Those of all registered tasks, by name."""
    kinds: list[Any] = [Task.by_name(name) for name in Task.list_available()]
    return {name: score for kind in kinds for name, score in kind.scores.items()}

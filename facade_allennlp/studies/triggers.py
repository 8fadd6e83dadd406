"""What a model's accuracy loses to triggers that were mined on other inputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from tqdm import tqdm

from facade_allennlp.attacks.trigger import Trigger
from facade_allennlp.attribution import AttentionAttribution, ExplainedModel
from facade_allennlp.results.table import Heading, Table
from facade_allennlp.scores.averages import percent
from facade_allennlp.studies.labelled import labelled_batches, predicted
from facade_allennlp.studies.mining import Candidate, LabelledText, drawn, labelled_texts, mined

ALL = "all"
"""The name of the accuracy over all classes."""

Accuracies = dict[str, Optional[float]]
"""By the name of a class, in percent; `None` where it has no inputs."""


def most_harmful(
    explained: ExplainedModel,
    texts: Sequence[LabelledText],
    candidates: Sequence[Candidate],
    most: int,
) -> list[Candidate]:
    """
    Those that leave the least accuracy on the texts of other classes than their own, the most
    harmful first; of equally harmful ones the first.
    """
    left = []
    for candidate in tqdm(candidates, desc="trying", unit="trigger"):
        others = [text for text in texts if text.label != candidate.towards]
        accuracies = accuracy(explained, others, candidate.trigger)
        left.append(accuracies[ALL] or 0.0)
    order = sorted(range(len(candidates)), key=left.__getitem__)
    return [candidates[place] for place in order[:most]]


def accuracy(
    explained: ExplainedModel,
    texts: Sequence[LabelledText],
    trigger: Optional[Trigger] = None,
) -> Accuracies:
    """
    The percentage that is predicted right, by the name of the gold class and of all; with a
    trigger, after it was put into every input.

    >>> accuracy(explained, texts, strongest.trigger)
    {'positive': 41.2, 'negative': 97.5, 'all': 69.9}
    """
    vocabulary = explained.model.vocab
    right = [text.right for text in texts]
    if trigger is not None:
        instances = [trigger.put_into(t.instance, t.sequence, vocabulary) for t in texts]
        for indices, inputs, labels in labelled_batches(explained, instances):
            for index, as_gold in zip(indices, predicted(explained, inputs) == labels):
                right[index] = bool(as_gold)
    by_class = {
        explained.task.spell([label]): percent(
            as_gold for text, as_gold in zip(texts, right) if text.label == label
        )
        for label in sorted({text.label for text in texts})
    }
    return {**by_class, ALL: percent(right)}


@dataclass(frozen=True)
class TriggerSearch:
    """
    How triggers are chosen.

    # Parameters

    candidates : `int`
        How many of the strongest triggers of each class are tried on the texts that they are mined
        on, and how many drawn at random.
    top : `int`
        How many of those attack other texts, for each class.
    seed : `int`
        Of the triggers drawn at random.

    # Raises

    `ConfigurationError` : `candidates` or `top` is below 1.
    """

    candidates: int
    top: int
    seed: int

    def __post_init__(self) -> None:
        if self.candidates < 1 or self.top < 1:
            raise ConfigurationError(
                f"candidates and top are {self.candidates} and {self.top}, but must be >= 1"
            )


@dataclass
class Tried:
    """
    What a trigger does to the inputs that it is put into.

    # Parameters

    trigger : `Trigger`
    towards : `str`
        The name of the class that it is from.
    attribution : `float`, optional
        Of its strongest connection; none where its tokens were drawn at random.
    after : `dict[str, float | None]`
        See `accuracy`.
    """

    trigger: Trigger
    towards: str
    attribution: Optional[float]
    after: Accuracies

    def to_json(self) -> dict[str, Any]:
        return {
            "towards": self.towards,
            "attribution": self.attribution,
            "text": str(self.trigger),
            "tokens": self.trigger.to_json(),
            "after": self.after,
        }


@dataclass
class Attacked:
    """
    What is left of a model's accuracy under triggers.

    # Parameters

    mined : `dict[str, int]`
        How many triggers were mined from each class.
    before : `dict[str, float | None]`
        See `accuracy`.
    triggers : `list[Tried]`
        Class by class, the most harmful first, before those that were drawn at random.
    """

    mined: dict[str, int]
    before: Accuracies
    triggers: list[Tried]

    def table(self) -> Table:
        """The accuracy without a trigger, and a row per trigger."""
        classes = list(self.before)
        table = Table("trigger", [Heading(title) for title in ("towards", "attribution", *classes)])
        table.add(Heading("none"), ["", "", *self.before.values()])
        for tried in self.triggers:
            drawn = "at random" if tried.attribution is None else f"{tried.attribution:.3f}"
            after = [tried.after[name] for name in classes]
            table.add(Heading(str(tried.trigger)), [tried.towards, drawn, *after])
        return table

    def to_json(self) -> dict[str, Any]:
        tried = [trigger.to_json() for trigger in self.triggers]
        return {"mined": self.mined, "before": self.before, "triggers": tried}


@dataclass
class TriggerStudy:
    """
    Triggers that were mined on one file and put into the inputs of another.

    # Parameters

    instances, mined_on, too_long : `int`
        How many inputs were attacked, how many triggers were mined on, and how many of both files
        were left out, being too long to take a trigger.
    attacked : `Attacked`
    """

    instances: int
    mined_on: int
    too_long: int
    attacked: Attacked

    def to_json(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in ("instances", "mined_on", "too_long")}
        return {**counts, **self.attacked.to_json()}


def study_triggers(
    explained: ExplainedModel,
    mining: Sequence[Instance],
    instances: Sequence[Instance],
    method: AttentionAttribution,
    search: TriggerSearch,
) -> TriggerStudy:
    """
    Mines triggers on labelled inputs and puts the most harmful ones into others; see `attack`.

    >>> mining, instances = (labelled_instances(archive, file) for file in (train, validation))
    >>> search = TriggerSearch(candidates=20, top=3, seed=1)
    >>> study_triggers(explained, mining, instances, AttentionAttribution(), search)
    """
    mined_on, texts = (labelled_texts(explained, part) for part in (mining, instances))
    attacked = attack(explained, mined_on, texts, method, search)
    too_long = len(mining) + len(instances) - len(mined_on) - len(texts)
    return TriggerStudy(len(texts), len(mined_on), too_long, attacked)


def attack(
    explained: ExplainedModel,
    mining: Sequence[LabelledText],
    texts: Sequence[LabelledText],
    method: AttentionAttribution,
    search: TriggerSearch,
) -> Attacked:
    """
    Mines triggers on some texts and puts the most harmful ones into others.

    # Parameters

    mining : `Sequence[LabelledText]`
        What triggers are mined and chosen on.
    texts : `Sequence[LabelledText]`
        What is attacked.

    # Raises

    `ConfigurationError` : `mining` is all of one class, or no trigger is found in it.
    """
    labels = sorted({text.label for text in mining})
    if len(labels) < 2:
        raise ConfigurationError(
            "triggers turn predictions from one class to another, but what they are mined on is "
            f"all {explained.task.spell(labels[:1])!r}"
        )
    every = mined(explained, mining, method)
    if not every:
        raise ConfigurationError(
            f"no trigger was found: of the {len(mining)} texts none is predicted right and has a "
            "connection that speaks for its class"
        )
    triggers = []
    for label in labels:
        strongest = [candidate for candidate in every if candidate.towards == label]
        strongest = strongest[: search.candidates]
        for tried in (strongest, drawn(mining, strongest, search.seed)):
            for chosen in most_harmful(explained, mining, tried, search.top):
                after = accuracy(explained, texts, chosen.trigger)
                name = explained.task.spell([label])
                triggers.append(Tried(chosen.trigger, name, chosen.attribution, after))
    counts = {
        explained.task.spell([label]): sum(candidate.towards == label for candidate in every)
        for label in labels
    }
    return Attacked(counts, accuracy(explained, texts), triggers)

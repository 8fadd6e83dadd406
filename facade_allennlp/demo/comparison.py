"""What several models make of one input."""

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import Archive
from markupsafe import Markup
from matplotlib import rc_context

from facade_allennlp.attacks import Attack
from facade_allennlp.attribution import AttentionAttribution, AttributionMethod
from facade_allennlp.display.edited_text import Segment, edited_text, outcome
from facade_allennlp.display.inline_svg import SETTINGS, inline_svg
from facade_allennlp.display.scored_words import ScoredWord, explained_words
from facade_allennlp.display.tree_picture import tree_figure
from facade_allennlp.errors import describe, is_users
from facade_allennlp.explanations import Explanation, explain
from facade_allennlp.explanations.attribution_tree import attribution_trees
from facade_allennlp.predictors.explaining import ExplainingPredictor
from facade_allennlp.registered import check
from facade_allennlp.texts.source_text import direction
from facade_allennlp.web.limits import MAX_WORK
from facade_allennlp.web.request_fields import check_length, check_request, request_fields
from facade_allennlp.web.work import Work, check_work

ATTACKS = {"input_reduction": "Input reduction", "hotflip": "HotFlip"}
TREE = "tree"
EXTRAS = {**ATTACKS, TREE: "Attention-attribution tree"}
"""What is shown beside explanations, by the names that `Comparison.answers` is given."""
WHOLE = "whole model"
MAX_ATTACKED_WORDS = 100
_DRAWING = threading.Lock()
"""Pictures are drawn with settings that all threads share."""

logger = logging.getLogger(__name__)


@dataclass
class Edits:
    """What an attack made of the text, and what it came to."""

    segments: list[Segment]
    outcome: str


@dataclass
class Answer:
    """
    What one model makes of an input.

    # Parameters

    model : `str`
        Its name.
    prediction : `str`
        The class; of a span its words.
    probability : `float | None`
        Of the prediction; `None` where the model has none to give.
    explained_class : `str`
        The class that is explained.
    explained_probability : `float | None`
        That the model gives it.
    direction : `str`
        In which the text runs: `ltr` or `rtl`.
    note : `str`
        A sentence where the text was cut for this model, see `SourceText.note`.
    methods : `dict[str, list[ScoredWord]]`
        The words by the methods' names.
    edits : `dict[str, Edits]`
        By the attacks' names.
    tree : `Markup`, optional
        The picture of an attribution tree.
    failed : `dict[str, str]`
        For each method, attack or tree that this model cannot have a sentence that says why; for
        `WHOLE` why it cannot read the text, where all else is empty.
    """

    model: str
    prediction: str = ""
    probability: Optional[float] = 0.0
    explained_class: str = ""
    explained_probability: Optional[float] = 0.0
    direction: str = "ltr"
    note: str = ""
    methods: dict[str, list[ScoredWord]] = field(default_factory=dict)
    edits: dict[str, Edits] = field(default_factory=dict)
    tree: Optional[Markup] = None
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> Optional[str]:
        return self.failed.get(WHOLE)


class Comparison:
    """
    Models that answer the same inputs.

    # Parameters

    archives : `Mapping[str, Archive]`
        By the models' names.
    methods : `Mapping[str, str | dict]`
        Configs of methods by their names; all others that are registered and need no settings can
        be asked for besides.
    predictor : `str`, optional (default = each model's own)
    options : `Any`
        Of the models, see `explained_model`.

    # Raises

    `ConfigurationError` : an unknown predictor or method; a method by a name in `EXTRAS`;
        models that read different inputs, or such as have no form here.
    """

    def __init__(
        self,
        archives: Mapping[str, Archive],
        methods: Mapping[str, Any],
        predictor: Optional[str] = None,
        **options: Any,
    ) -> None:
        for name in set(methods) & set(EXTRAS):
            raise ConfigurationError(
                f"a method cannot be named {name!r}, which means something else"
            )
        others = [
            name
            for name in AttributionMethod.list_available()
            if name not in methods and _needs_no_settings(name)
        ]
        configs = {**methods, **{name: name for name in others}}
        self.predictors = {
            name: ExplainingPredictor(
                archive.model, archive.validation_dataset_reader, predictor, configs, **options
            )
            for name, archive in archives.items()
        }
        self.methods = list(configs)
        self.fields = self._common_fields()

    def _common_fields(self) -> tuple[str, ...]:
        fields = {
            name: request_fields(explaining.predictor)
            for name, explaining in self.predictors.items()
        }
        first = next(iter(fields))
        for name, names in fields.items():
            if names is None:
                kind = type(self.predictors[name].predictor).__name__
                raise ConfigurationError(
                    f"there is no form for {name!r}, whose predictor is {kind}: choose one of "
                    "text_classifier, entailment and transformer_qa with --predictor"
                )
            if names != fields[first]:
                raise ConfigurationError(
                    f"{first!r} reads {_listed(fields[first])} and {name!r} {_listed(names)}, "
                    "so that they cannot be compared on one input"
                )
        return fields[first] or ()

    @property
    def classes(self) -> list[str]:
        """Those that every model knows by name; none where the answers are spans."""
        known = [explaining.explained.class_names for explaining in self.predictors.values()]
        return [name for name in known[0] if all(name in others for others in known)]

    def answers(
        self,
        inputs: Mapping[str, str],
        methods: Sequence[str],
        explained_class: Optional[str] = None,
        extras: Sequence[str] = (),
    ) -> list[Answer]:
        """
        What each model answers, in their order.

        >>> comparison.answers({"sentence": "a lovely film"}, ["gradient", "lrp"])

        # Parameters

        inputs : `Mapping[str, str]`
            A text for each of `fields`.
        methods : `Sequence[str]`
            Some of `self.methods`.
        explained_class : `str`, optional (default = each model's prediction)
        extras : `Sequence[str]`
            Some of `EXTRAS`.

        # Raises

        `ConfigurationError` : a text is empty or has too many characters; an unknown method or
            class.
        """
        check_request(inputs, self.fields)
        for name in self.fields:
            check_length(name, inputs[name])
        if explained_class is not None and explained_class not in self.classes:
            raise ConfigurationError(
                f"there is no class {explained_class!r}, but {', '.join(self.classes) or 'spans'}"
            )
        for kind, wanted, known in (("method", methods, self.methods), ("view", extras, EXTRAS)):
            for name in wanted:
                if name not in known:
                    raise ConfigurationError(
                        f"there is no {kind} {name!r}, but {', '.join(map(repr, known))}"
                    )
        answers = []
        for name, explaining in self.predictors.items():
            answer = Answer(name)
            answers.append(answer)
            with _told(answer.failed, WHOLE), explaining.explained.lock.sharing():
                _fill(answer, explaining, inputs, methods, explained_class, extras)
        return answers


def _needs_no_settings(method: str) -> bool:
    try:
        check(AttributionMethod, method)
    except ConfigurationError:
        return False
    return True


def _fill(
    answer: Answer,
    explaining: ExplainingPredictor,
    inputs: Mapping[str, str],
    methods: Sequence[str],
    explained_class: Optional[str],
    extras: Sequence[str],
) -> None:
    instances = explaining.instances([dict(inputs)])
    asked = [explaining.methods[method] for method in methods]
    if TREE in extras:
        asked.append(AttentionAttribution())
    work = Work(explaining.explained, asked).of(instances)
    check_work(work, MAX_WORK, "choose fewer methods, or a shorter text")

    def explained_by(wanted: Sequence[str], choice: Optional[str] = explained_class) -> Explanation:
        chosen = {method: explaining.methods[method] for method in wanted}
        (explanation,) = explain(explaining.explained, instances, chosen, [choice])
        return explanation

    predicted = explained_by([], choice=None)
    bare = predicted if explained_class is None else explained_by([])
    answer.prediction, answer.probability = predicted.explained_class, predicted.probability
    answer.explained_class, answer.explained_probability = bare.explained_class, bare.probability
    answer.direction, answer.note = direction(bare.text.words), bare.text.note
    for name in [*methods, *extras]:
        with _told(answer.failed, name):
            if name == TREE:
                answer.tree = _tree(explaining, instances, explained_class, bare.explained_class)
            elif name in ATTACKS:
                _check_attackable(inputs)
                answer.edits[name] = _attacked(explaining, name, instances, bare)
            else:
                answer.methods[name] = explained_words(explained_by([name]), name)


@contextmanager
def _told(failed: dict[str, str], name: str) -> Iterator[None]:
    """Whatever goes wrong becomes a sentence in `failed`, so that the rest is shown."""
    try:
        yield
    except Exception as error:
        if is_users(error):
            failed[name] = describe(error)
            return
        logger.exception("the demo failed")
        kind = type(error).__name__
        failed[name] = f"failed on this text ({kind}); the demo's terminal tells more"


def _check_attackable(inputs: Mapping[str, str]) -> None:
    """Attacks edit the first text, token by token: the time grows with the square of its length."""
    name, text = next(iter(inputs.items()))
    words = len(text.split())
    if words > MAX_ATTACKED_WORDS:
        raise ConfigurationError(
            f"{name!r} has {words} words, and attacks on more than {MAX_ATTACKED_WORDS} take too "
            "long here: use `allennlp measure --attacks`"
        )


def _attacked(
    explaining: ExplainingPredictor, attack: str, instances: Sequence[Any], explanation: Explanation
) -> Edits:
    (result,) = Attack.by_name(attack)().attack(explaining.explained, instances)
    edits = result.to_json(explanation.text.starts[result.field])
    return Edits(edited_text(explanation.text, edits), outcome(edits))


def _tree(
    explaining: ExplainingPredictor, instances: Sequence[Any], wanted: Optional[str], title: str
) -> Markup:
    (tree,) = attribution_trees(explaining.explained, instances, AttentionAttribution(), [wanted])
    edges = (f"{tree.nodes[a]['token']} from {tree.nodes[b]['token']}" for a, b in tree.edges)
    with _DRAWING, rc_context(SETTINGS):
        told = f"Attribution tree of {title}: {', '.join(edges) or 'one token alone'}"
        return inline_svg(tree_figure(tree, title), told)


def _listed(fields: Optional[Sequence[str]]) -> str:
    return " and ".join(fields or ())

"""Many inputs explained, part by part."""

from collections.abc import Callable, Container, Generator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

import networkx
from allennlp.common.util import JsonDict
from tqdm import tqdm

from facade_allennlp.archives import load
from facade_allennlp.attribution import AttentionAttribution
from facade_allennlp.display.tree_picture import write_tree
from facade_allennlp.errors import InputError
from facade_allennlp.explanations import Explanation
from facade_allennlp.predictors.explaining import ExplainingPredictor
from facade_allennlp.results.files import written_together
from facade_allennlp.results.source import Source, check_seen
from facade_allennlp.scale.mapped import mapped
from facade_allennlp.scale.work import Work
from facade_allennlp.scale.workers import Workers

AT_ONCE = 64
"""Inputs that are explained together."""


@dataclass
class Part:
    """
    Inputs that are explained together.

    # Parameters

    first : `int`
        The number of the first of them, from 0.
    inputs : `Sequence[JsonDict]`
    """

    first: int
    inputs: Sequence[JsonDict]

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + len(self.inputs))


@dataclass
class ExplainedPart:
    """An explanation of each input of a part, and where it is asked for its attribution tree."""

    explanations: list[Explanation]
    trees: list[networkx.DiGraph] = field(default_factory=list)


@dataclass
class Explaining(Work[Part, ExplainedPart]):
    """
    What a worker does where many inputs are explained.

    # Parameters

    archive : `Source`
        As workers see it.
    overrides : `str`
        Of its config, in JSON.
    arguments : `dict[str, Any]`
        Of `ExplainingPredictor`, but for what the archive holds.
    trees : `bool`, optional (default = `False`)
        Whether trees are asked for.
    """

    archive: Source
    overrides: str
    arguments: dict[str, Any]
    trees: bool = False

    def load(self, cuda_device: int) -> Callable[[Part], ExplainedPart]:
        check_seen(self.archive)
        predictor = self.predictor(cuda_device)
        return lambda part: explained_part(predictor, part, self.trees)

    def predictor(self, cuda_device: int) -> ExplainingPredictor:
        """
        # Raises

        `ConfigurationError` : what `load` and `ExplainingPredictor` refuse.
        """
        archive = load(self.archive.path, cuda_device, self.overrides)
        return ExplainingPredictor(
            archive.model, archive.validation_dataset_reader, **self.arguments
        )

    def parts(self, block: Part) -> Sequence[Part]:
        if len(block.inputs) == 1:
            return []
        return [Part(block.first + place, [one]) for place, one in enumerate(block.inputs)]

    def broken(self, block: Part, reason: str) -> ExplainedPart:
        raise InputError(f"input {block.first + 1}: no worker survives it: {reason}")


def explained_part(predictor: ExplainingPredictor, part: Part, trees: bool) -> ExplainedPart:
    """The explanations of a part, and where they are asked for its trees."""
    explanations = predictor.explain(part.inputs)
    drawn = predictor.trees(part.inputs, AttentionAttribution()) if trees else []
    return ExplainedPart(explanations, drawn)


def explained_parts(
    predictor: ExplainingPredictor,
    inputs: Sequence[JsonDict],
    trees: Optional[Path] = None,
    places: Optional[Sequence[str]] = None,
    shared: Optional[tuple[Explaining, Workers]] = None,
    known: Container[int] = (),
) -> Generator[tuple[Part, list[Explanation]], None, None]:
    """
    One explanation for each input, part by part, in the order in which parts are done. A progress
    bar tells how far it is.

    >>> for part, explanations in explained_parts(predictor, [{"sentence": "a lovely film"}]):
    ...     file.add(part.first, part.inputs, explanations, top=5)

    # Parameters

    trees : `Path`, optional
        A folder for each input's attribution tree, by attention attribution: see `write_tree`. It
        is there once all are.
    places : `Sequence[str]`, optional (default = `input 1`, `input 2`, ...)
        What a message calls each input, such as the line that it stands on.
    shared : `tuple[Explaining, Workers]`, optional
        The workers that explain in this process's place, and by what.
    known : `Container[int]`, optional
        Inputs, by their numbers, that are not wanted; a part of which any is comes whole.

    # Raises

    `ConfigurationError` : an input lacks a text, which is known before any is explained; what
        `ExplainingPredictor.explain` refuses.
    """
    predictor.check(inputs, places)
    all_parts = (
        Part(first, inputs[first : first + AT_ONCE]) for first in range(0, len(inputs), AT_ONCE)
    )
    parts = [part for part in all_parts if not all(number in known for number in part.numbers)]
    missing = sum(len(part.inputs) for part in parts)
    drawing = nullcontext() if trees is None else written_together(trees)
    with (
        drawing as folder,
        tqdm(
            total=len(inputs), initial=len(inputs) - missing, unit="input", disable=None
        ) as progress,
        closing(_explained(predictor, parts, trees is not None, shared)) as done,
    ):
        for part, of_part in done:
            for number, (explanation, tree) in enumerate(zip(of_part.explanations, of_part.trees)):
                assert folder is not None
                write_tree(tree, explanation.explained_class, folder, part.first + number + 1)
            progress.update(len(part.inputs))
            yield part, of_part.explanations


def explain_inputs(
    predictor: ExplainingPredictor, inputs: Sequence[JsonDict], **options: Any
) -> list[Explanation]:
    """
    As `explained_parts`, which takes the same options, all together and in order.

    >>> explanations = explain_inputs(predictor, [{"sentence": "a lovely film"}])
    """
    explanations: dict[int, Explanation] = {}
    for part, of_part in explained_parts(predictor, inputs, **options):
        explanations |= enumerate(of_part, start=part.first)
    return [explanations[number] for number in range(len(inputs))]


def _explained(
    predictor: ExplainingPredictor,
    parts: Sequence[Part],
    trees: bool,
    shared: Optional[tuple[Explaining, Workers]],
) -> Generator[tuple[Part, ExplainedPart], None, None]:
    if shared is None:
        for part in parts:
            yield part, explained_part(predictor, part, trees)
    else:
        work, workers = shared
        yield from mapped(work, parts, workers)

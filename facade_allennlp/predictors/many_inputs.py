"""Many inputs explained, part by part."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Optional

from allennlp.common.util import JsonDict
from tqdm import tqdm

from facade_allennlp.attribution import AttentionAttribution
from facade_allennlp.display.tree_picture import write_tree
from facade_allennlp.explanations import Explanation
from facade_allennlp.predictors.explaining import ExplainingPredictor
from facade_allennlp.results.files import written_together

AT_ONCE = 64
"""Inputs that are explained together."""


def explain_inputs(
    predictor: ExplainingPredictor,
    inputs: Sequence[JsonDict],
    trees: Optional[Path] = None,
    places: Optional[Sequence[str]] = None,
) -> list[Explanation]:
    """
    One explanation for each input. A progress bar tells how far it is.

    >>> explanations = explain_inputs(predictor, [{"sentence": "a lovely film"}])

    # Parameters

    trees : `Path`, optional
        A folder for each input's attribution tree, by attention attribution: see `write_tree`.
    places : `Sequence[str]`, optional (default = `input 1`, `input 2`, ...)
        What a message calls each input, such as the line that it stands on.

    # Raises

    `ConfigurationError` : an input lacks a text, which is known before any is explained; what
        `ExplainingPredictor.explain` refuses.
    """
    predictor.check(inputs, places)
    explanations: list[Explanation] = []
    drawing = nullcontext() if trees is None else written_together(trees)
    with drawing as folder, tqdm(total=len(inputs), unit="input", disable=None) as progress:
        for start in range(0, len(inputs), AT_ONCE):
            part = inputs[start : start + AT_ONCE]
            explanations += predictor.explain(part)
            if folder is not None:
                drawn = predictor.trees(part, AttentionAttribution())
                for number, tree in enumerate(drawn, start=start + 1):
                    write_tree(tree, explanations[number - 1].explained_class, folder, number)
            progress.update(len(part))
    return explanations

"""What methods make of words, as tables and as JSON."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from facade_allennlp.results.checked import to_json
from facade_allennlp.results.table import Cell, Heading, Table, text
from facade_allennlp.results.titles import rank
from facade_allennlp.studies.word_means import MethodWords, ModelWords

DIGITS = 4
"""Behind the point of a mean."""


def words_to_json(words: ModelWords) -> dict[str, Any]:
    """By model and method."""
    return {
        model: {method: to_json(_rounded(of)) for method, of in methods.items()}
        for model, methods in words.items()
    }


def _rounded(words: MethodWords) -> MethodWords:
    return replace(words, means={word: round(mean, DIGITS) for word, mean in words.means.items()})


def tables(words: ModelWords, titles: Mapping[str, str]) -> list[Table]:
    """
    A row per method: agreement with the lexicon; and with the first model, of the others.

    # Parameters

    titles : `Mapping[str, str]`
        Of methods, by name.
    """
    corner = "lexicon: valence / strength / × mean token (words)"
    shown = [_table(corner, words, words, titles, _lexicon)]
    reference, *others = words
    if others:
        corner = f"words as by {reference}: correlation (words)"
        other_words = {model: words[model] for model in others}
        shown.append(_table(corner, other_words, words, titles, _reference))
    return shown


def _table(
    corner: str,
    words: ModelWords,
    every: ModelWords,
    titles: Mapping[str, str],
    cell: Callable[[MethodWords], Cell],
) -> Table:
    """The methods are those of `every` model."""
    table = Table(corner, [Heading(model, model=model) for model in words])
    names = {method for methods in every.values() for method in methods}
    for name in sorted(names, key=lambda method: (rank(method), method)):
        cells = [cell(of[name]) if name in of else None for of in words.values()]
        table.add(Heading(titles.get(name, name), method=name), cells)
    return table


def _lexicon(words: MethodWords) -> Cell:
    of = words.lexicon
    numbers: Cell = [None if n is None else float(n) for n in (of.valence, of.strength, of.mean)]
    return f"{text(numbers)} ({of.words})"


def _reference(words: MethodWords) -> Cell:
    of = words.reference
    return None if of is None else f"{text(of.spearman)} ({of.words})"

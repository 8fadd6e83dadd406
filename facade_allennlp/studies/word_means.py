"""What a method makes of each word over a corpus: beside a lexicon, and beside other models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Optional

from facade_allennlp.errors import InputError
from facade_allennlp.results.files import read_summary
from facade_allennlp.results.record import Record
from facade_allennlp.results.records_file import read_model
from facade_allennlp.results.summary import MethodLabel
from facade_allennlp.results.table import Number
from facade_allennlp.scores.ranking import rank_correlations

FEWEST = 3
"""Words that are compared, at least: of two the correlation is 1 or -1."""


@dataclass
class Explained:
    """A model's explanations of a corpus, and what each method's scores say."""

    records: Sequence[Record]
    methods: Mapping[str, MethodLabel]


@dataclass
class WithLexicon:
    """
    Over the words of a lexicon that a corpus has.

    # Parameters

    words : `int`
        How many.
    valence : `Number`
        The rank correlation of means with a side and valences, times 100; `None` where there is no
        side.
    strength : `Number`
        That of means without a side and the valences' magnitudes.
    mean : `Number`
        How much attribution a word of the lexicon gets, as a multiple of the mean token.
    """

    words: int
    valence: Number
    strength: Number
    mean: Number


@dataclass
class WithReference:
    """Over the words that two corpora have: how many, and the rank correlation, times 100."""

    words: int
    spearman: Number


@dataclass
class MethodWords:
    """
    What a method makes of words.

    # Parameters

    lexicon : `WithLexicon`
    means : `dict[str, float]`
        See `word_means`.
    reference : `WithReference`, optional
        How far they agree with the means of the first model.
    """

    lexicon: WithLexicon
    means: dict[str, float]
    reference: Optional[WithReference] = None


ModelWords = dict[str, dict[str, MethodWords]]
"""By model and method."""


def read_explained(
    results: Mapping[str, Path], models: Optional[Sequence[str]] = None
) -> dict[str, Explained]:
    """
    The models of measurements, from their files alone.

    # Parameters

    results : `Mapping[str, Path]`
        Folders that `measure` made, by the names of measurements.
    models : `Sequence[str]`, optional (default = all)

    # Returns

    `dict[str, Explained]` : by the model's name, after that of its measurement where there are
        several.

    # Raises

    `InputError` : there are no such results, or no such model in them, or no method was measured.
    """
    explained: dict[str, Explained] = {}
    known = set()
    for measurement, folder in results.items():
        for name in read_summary(folder).models:
            known.add(name)
            if models and name not in models:
                continue
            header, records = read_model(folder, name)
            title = name if len(results) == 1 else f"{measurement}: {name}"
            explained[title] = Explained(records, header.methods)
    folders = ", ".join(map(str, results.values()))
    missing = [name for name in models or () if name not in known]
    if missing:
        raise InputError(
            f"there is no model {missing[0]!r} in {folders}, but {', '.join(sorted(known))}"
        )
    if not any(model.methods for model in explained.values()):
        raise InputError(f"{folders}: measured without a method")
    return explained


def compared(
    models: Mapping[str, Explained],
    valences: Mapping[str, float],
    towards: Optional[str] = None,
    least: int = 1,
) -> ModelWords:
    """
    How far what methods make of words agrees with a lexicon, and with the first model.

        compared(read_explained({"f": Path("runs/results")}), lexicon(), towards="positive")

    # Parameters

    models : `Mapping[str, Explained]`
        By name; the first is the reference.
    valences : `Mapping[str, float]`
        A lexicon.
    towards : `str`, optional
        The class that positive words speak for, in models with two classes.
    least : `int`, optional (default = `1`)
        Words that occur less often in a model's corpus are left out.

    # Returns

    By model and method, over the words that both have; means have a side where the method has one
    and `towards` is given, see `word_means`.

    # Raises

    `InputError` : there are no records; `towards` is no class of two.
    """
    if least < 1:
        raise InputError(f"words that occur {least} times are asked for, but not >= 1")
    words: ModelWords = {}
    for model, explained in models.items():
        if not explained.records:
            raise InputError(f"{model} has no records, so there are no words to compare")
        if towards is not None:
            check_class(explained.records, towards)
        words[model] = {}
        for method, label in explained.methods.items():
            sizes = word_means(explained.records, method, least=least)
            side = None if towards is None else label.towards
            means = sizes
            if side is not None:
                means = word_means(explained.records, method, side, towards, least)
            sided = None if side is None else means
            method_words = MethodWords(with_lexicon(sizes, sided, valences), means)
            reference = next(iter(words.values())).get(method)
            if len(words) > 1 and reference is not None:
                method_words.reference = _correlation(means, reference.means)
            words[model][method] = method_words
    return words


def word_means(
    records: Sequence[Record],
    method: str,
    side: Optional[int] = None,
    towards: Optional[str] = None,
    least: int = 1,
) -> dict[str, float]:
    """
    The mean attribution (eq. 1) of each word, as a multiple of that of the mean token of its text:
    shares of an input of ten tokens and of one of fifty are alike then.

    # Parameters

    side : `int`, optional
        The method's `AttributionMethod.towards`, for means with a side: what speaks for the class
        `towards` counts as positive, what speaks against it as negative. By default none has one.
    towards : `str`, optional
        One of the model's two classes.
    least : `int`, optional (default = `1`)
        Words that occur less often are left out.

    # Returns

    `dict[str, float]` : by word, in lower case.
    """
    shares_of: dict[str, list[float]] = {}
    for record in records:
        sign = 1 if side is None else side if record.prediction == towards else -side
        shares = record.word_attribution(method, signed=side is not None)
        for word, share in zip(record.words, shares):
            shares_of.setdefault(word.lower(), []).append(sign * share * len(record.tokens))
    return {word: fmean(shares) for word, shares in shares_of.items() if len(shares) >= least}


def check_class(records: Sequence[Record], towards: str) -> None:
    """
    Checks that words can have a side.

    # Raises

    `InputError` : there are not two classes, or it is none of the predicted ones.
    """
    classes = len(records[0].probabilities)
    if classes != 2 or records[0].window is not None:
        raise InputError(
            f"what speaks against the other class speaks for {towards!r} in models with two "
            f"classes only, but this one has {classes}; leave out --towards"
        )
    predicted = sorted({record.prediction for record in records})
    if towards not in predicted:
        raise InputError(f"no input is predicted as {towards!r}, but as {', '.join(predicted)}")


def with_lexicon(
    sizes: Mapping[str, float], sided: Optional[Mapping[str, float]], valences: Mapping[str, float]
) -> WithLexicon:
    """
    How far means agree with a lexicon.

    # Parameters

    sizes : `Mapping[str, float]`
        As `word_means` gives them without a side.
    sided : `Mapping[str, float]`, optional
        Of the same words, with a side.
    """
    strengths = {word: abs(valence) for word, valence in valences.items()}
    strength = _correlation(sizes, strengths)
    known = [size for word, size in sizes.items() if word in valences]
    return WithLexicon(
        strength.words,
        None if sided is None else _correlation(sided, valences).spearman,
        strength.spearman,
        round(fmean(known), 3) if known else None,
    )


def _correlation(means: Mapping[str, float], others: Mapping[str, float]) -> WithReference:
    """Over the words that are in both."""
    known = [word for word in means if word in others]
    correlation = None
    if len(known) >= FEWEST:
        rankings = [[of[word] for word in known] for of in (means, others)]
        correlation = round(100 * rank_correlations(rankings)[0][1], 2)
    return WithReference(len(known), correlation)

"""What a method makes of each word over a corpus: beside a lexicon, and beside other models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError

from facade_allennlp.attribution.attribution_method import side_of
from facade_allennlp.results.record import Record
from facade_allennlp.scores.ranking import rank_correlations

FEWEST = 3
"""Words that are compared, at least: of two the correlation is 1 or -1."""


@dataclass
class Explained:
    """
    A model's explanations of a corpus.

    # Parameters

    methods : `Mapping[str, str | dict]`
        The methods' configs by name.
    """

    records: Sequence[Record]
    methods: Mapping[str, Any]


def compared(
    models: Mapping[str, Explained],
    valences: Mapping[str, float],
    towards: Optional[str] = None,
    least: int = 1,
) -> dict[str, dict[str, dict[str, Any]]]:
    """
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

    By model and method, over the words that both have: `lexicon`, how far means agree with
    valences (see `with_lexicon`); `reference`, but for the reference itself, how far with its means
    (`words`, how many, and `spearman`, times 100); and the `means` themselves, with a side where
    the method has one and `towards` is given, see `word_means`.

    # Raises

    `ConfigurationError` : there are no records; `towards` is no class of two.
    """
    if least < 1:
        raise ConfigurationError(f"words that occur {least} times are asked for, but not >= 1")
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for model, explained in models.items():
        if not explained.records:
            raise ConfigurationError(f"{model} has no records, so there are no words to compare")
        if towards is not None:
            check_class(explained.records, towards)
        found[model] = {}
        for method, config in explained.methods.items():
            sizes = word_means(explained.records, method, least=least)
            side = None if towards is None else side_of(config)
            means = sizes
            if side is not None:
                means = word_means(explained.records, method, side, towards, least)
            sided = None if side is None else means
            made = {"lexicon": with_lexicon(sizes, sided, valences)}
            reference = next(iter(found.values())).get(method)
            if len(found) > 1 and reference is not None:
                made["reference"] = _correlation(means, reference["means"])
            found[model][method] = {**made, "means": means}
    return found


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
    found: dict[str, list[float]] = {}
    for record in records:
        sign = 1 if side is None else side if record.prediction == towards else -side
        shares = record.word_attribution(method, signed=side is not None)
        for word, share in zip(record.words, shares):
            found.setdefault(word.lower(), []).append(sign * share * len(record.tokens))
    return {word: fmean(shares) for word, shares in found.items() if len(shares) >= least}


def check_class(records: Sequence[Record], towards: str) -> None:
    """
    # Raises

    `ConfigurationError` : there are not two classes, or it is none of the predicted ones.
    """
    classes = len(records[0].probabilities)
    if classes != 2 or records[0].span is not None:
        raise ConfigurationError(
            f"what speaks against the other class speaks for {towards!r} in models with two "
            f"classes only, but this one has {classes}; leave out --towards"
        )
    predicted = sorted({record.prediction for record in records})
    if towards not in predicted:
        raise ConfigurationError(
            f"no input is predicted as {towards!r}, but as {', '.join(predicted)}"
        )


def with_lexicon(
    sizes: Mapping[str, float], sided: Optional[Mapping[str, float]], valences: Mapping[str, float]
) -> dict[str, Any]:
    """
    # Parameters

    sizes : `Mapping[str, float]`
        As `word_means` gives them without a side.
    sided : `Mapping[str, float]`, optional
        Of the same words, with a side.

    # Returns

    Over the words of the lexicon: `words`, how many; `valence`, the rank correlation of means with
    a side and valences, times 100, `None` where there is no side; `strength`, that of means without
    a side and the valences' magnitudes; `mean`, how much attribution a word of the lexicon gets, as
    a multiple of the mean token.
    """
    strengths = {word: abs(valence) for word, valence in valences.items()}
    of_sizes = _correlation(sizes, strengths)
    known = [size for word, size in sizes.items() if word in valences]
    return {
        "words": of_sizes["words"],
        "valence": None if sided is None else _correlation(sided, valences)["spearman"],
        "strength": of_sizes["spearman"],
        "mean": round(fmean(known), 3) if known else None,
    }


def _correlation(means: Mapping[str, float], others: Mapping[str, float]) -> dict[str, Any]:
    """Over the words that are in both: `words`, how many, and `spearman`, times 100."""
    known = [word for word in means if word in others]
    correlation = None
    if len(known) >= FEWEST:
        rankings = [[of[word] for word in known] for of in (means, others)]
        correlation = round(100 * rank_correlations(rankings)[0][1], 2)
    return {"words": len(known), "spearman": correlation}

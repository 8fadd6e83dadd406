"""What a method makes of each word over a corpus: beside a lexicon, and beside other models."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError

from facade_allennlp.analysis.record import Record
from facade_allennlp.attribution.ranking import rank_correlations

FEWEST = 3
"""Words that are compared, at least: of two the correlation is 1 or -1."""


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
    means: Mapping[str, float], valences: Mapping[str, float], signed: bool
) -> dict[str, Any]:
    """
    # Parameters

    means : `Mapping[str, float]`
        As `word_means` gives them; with a side where `signed`.

    # Returns

    Over the words that are in both: `words`, how many; `spearman`, the rank correlation of means
    and valences, without `signed` of their magnitudes, times 100; `mean`, how much a word of the
    lexicon gets, as a multiple of the mean token.
    """
    known = [word for word in means if word in valences]
    correlation = None
    if len(known) >= FEWEST:
        rankings = [
            [means[word] for word in known],
            [valences[word] if signed else abs(valences[word]) for word in known],
        ]
        correlation = round(100 * rank_correlations(rankings)[0][1], 2)
    sizes = [abs(means[word]) for word in known]
    return {
        "words": len(known),
        "spearman": correlation,
        "mean": round(fmean(sizes), 3) if sizes else None,
    }


def with_other(means: Mapping[str, float], other: Mapping[str, float]) -> dict[str, Any]:
    """Over the words that are in both: `words`, how many, and `spearman`, times 100."""
    known = [word for word in means if word in other]
    if len(known) < FEWEST:
        return {"words": len(known), "spearman": None}
    rankings = [[of[word] for word in known] for of in (means, other)]
    return {"words": len(known), "spearman": round(100 * rank_correlations(rankings)[0][1], 2)}

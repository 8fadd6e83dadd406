"""NLTK's English stop words: the installed corpus when there is one, the shipped copy otherwise."""

import functools
from importlib import resources


@functools.cache
def english_stop_words() -> frozenset[str]:
    """Lower-cased words; needs no download."""
    from nltk.corpus import stopwords

    try:
        return frozenset(stopwords.words("english"))
    except LookupError:
        shipped = resources.files("facade_allennlp.targets") / "english_stop_words.txt"
        return frozenset(shipped.read_text(encoding="utf-8").split())

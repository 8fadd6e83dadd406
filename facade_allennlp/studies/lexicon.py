"""A sentiment lexicon: how positive people find a word."""

import math
from importlib.resources import files
from pathlib import Path
from typing import Optional

from facade_allennlp.errors import InputError
from facade_allennlp.lines import text_lines


def lexicon(path: Optional[Path] = None) -> dict[str, float]:
    """
    The valence of each word.

    >>> lexicon()["excellent"]
    2.7

    # Parameters

    path : `Path`, optional (default = VADER's lexicon)
        A file with a word and its valence on each line, a tab between them; what follows a second
        tab does not matter.

    # Returns

    `dict[str, float]` : the valence of each word, in lower case. VADER's (Hutto & Gilbert 2014) are
        between -4 and 4.

    # Raises

    `InputError` : a line that is not so; no word; no text.
    """
    # Without its package's name no import: that would load what VADER itself needs.
    source = path or Path(str(files("vaderSentiment") / "vader_lexicon.txt"))
    valences: dict[str, float] = {}
    for number, line in text_lines(source):
        try:
            word, written = line.split("\t")[:2]
            valence = float(written)
            if not math.isfinite(valence):
                raise ValueError(written)
        except ValueError:
            raise InputError(
                f"{source}: line {number} is no word and number with a tab between them: {line!r}"
            ) from None
        valences[word.lower()] = valence
    if not valences:
        raise InputError(f"{source}: there is no word in it")
    return valences

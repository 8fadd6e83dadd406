import unicodedata
from collections.abc import Sequence


def direction(words: Sequence[str]) -> str:
    """
    `rtl` for a text whose first letter is of a script that runs from right to left, else `ltr`.
    """
    for character in "".join(words):
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"

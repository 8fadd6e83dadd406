"""Which characters belong to one word, or to one character as a person sees it."""

import unicodedata

JOINER = "\u200d"
"""Makes one picture of those on both sides of it."""


def joined(before: str, after: str) -> bool:
    """
    Whether two pieces, of which no marker tells, belong to one word: letters or digits meet, or the
    second goes on with the last character of the first, as a person sees it.
    """
    first, last = after[:1], before[-1:]
    if not first or not last:
        return True
    if is_mark(first) or JOINER in (first, last):
        return True
    if first in FLAGS:
        return (len(before) - len(before.rstrip(FLAGS))) % 2 == 1
    base = before.rstrip("".join(filter(is_mark, before)))
    return base[-1:].isalnum() and first.isalnum()


FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
"""Regional indicators, of which two are a flag."""


def is_mark(character: str) -> bool:
    """
    Whether a character changes the one before it: an accent, a vowel sign, the colour of a skin.
    """
    return bool(character) and (
        unicodedata.category(character).startswith("M") or 0x1F3FB <= ord(character) <= 0x1F3FF
    )

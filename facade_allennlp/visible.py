"""Texts of strangers on a terminal, which they must not steer."""

import unicodedata

CONTROL_PICTURES = 0x2400
"""Where the pictures of the characters up to 31 begin."""
DIRECTIONS = frozenset(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
"""What turns the direction of the text around it."""


def visible(text: str, kept: str = "") -> str:
    """
    A text in which control characters, changes of direction and halves of characters are drawn.

    # Parameters

    kept : `str`, optional
        Control characters that stay, such as the line feeds of a message of several lines.
    """
    return "".join(one if one in kept else _visible(one) for one in text)


def _visible(character: str) -> str:
    if character < " ":
        return chr(CONTROL_PICTURES + ord(character))
    steers = unicodedata.category(character) in ("Cc", "Cs") or character in DIRECTIONS
    return "\N{REPLACEMENT CHARACTER}" if steers else character

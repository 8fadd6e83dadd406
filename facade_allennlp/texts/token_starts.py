import re
from collections.abc import Sequence
from typing import Optional

from allennlp.data import Token

BLANKS = re.compile(r"\s*")


def token_starts(text: str, tokens: Sequence[Token]) -> list[Optional[int]]:
    """
    Where in its text each token begins: as the tokenizer says; where it says it of none, where the
    token's own text is found next, in whatever case. `None` where that is not known, as of special
    tokens.
    """
    told = [token.idx for token in tokens]
    if any(start is not None for start in told):
        return told
    starts: list[Optional[int]] = []
    end = 0
    for token in tokens:
        start = _found(text, token.text or "", end)
        starts.append(start)
        end = end if start is None else start + len(token.text or "")
    return starts


def _found(text: str, word: str, begin: int) -> Optional[int]:
    """Where a word stands next in a text, in whatever case."""
    behind_blanks = BLANKS.match(text, begin).end()  # type: ignore[union-attr]
    if word and not word[0].isspace() and text.startswith(word, behind_blanks):
        return behind_blanks  # as most do
    found = re.compile(re.escape(word), re.IGNORECASE).search(text, begin)
    return found and found.start()

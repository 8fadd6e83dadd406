import re
from collections.abc import Sequence
from typing import Optional

from allennlp.data import Token


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
        found = re.compile(re.escape(token.text or ""), re.IGNORECASE).search(text, end)
        starts.append(found and found.start())
        end = found.end() if found else end
    return starts

"""A text as an attack left it: what was dropped, and what was exchanged for what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from facade_allennlp.texts.source_text import SourceText, shown_words


@dataclass
class Segment:
    """A word as it was typed, one of its pieces where they fared unlike, or a special token."""

    text: str
    dropped: bool = False
    new: Optional[str] = None
    special: bool = False


def edited_text(text: SourceText, attack: Mapping[str, Any]) -> list[Segment]:
    """
    The text word by word, as the attack left it.

    # Parameters

    text : `SourceText`
        As it was before.
    attack : `Mapping[str, Any]`
        What `AttackResult.to_json` gives, with positions in `text`.
    """
    gone = set(attack.get("dropped", ()))
    flipped = {flip["position"]: flip["new"] for flip in attack.get("flips", ())}
    segments = []
    for word in shown_words(text):
        fates = [(position in gone, flipped.get(position)) for position in word.positions]
        # Of a word of several pieces each may have a fate of its own.
        if (fates[0][1] is None and len(set(fates)) == 1) or len(fates) == 1:
            segments.append(Segment(word.text, *fates[0], special=word.special))
        else:
            segments += [
                Segment(text.tokens[position], *fate)
                for position, fate in zip(word.positions, fates)
            ]
    return segments


def outcome(attack: Mapping[str, Any]) -> str:
    """What an attack came to, in words; see `AttackResult.to_json`."""
    if "flips" in attack:
        flips = len(attack["flips"])
        done = f"{flips} token{'' if flips == 1 else 's'} exchanged"
        if attack["succeeded"] and not flips:
            return f"{done}: predicted as wanted before"
        return f"{done}: {'prediction changed' if attack['succeeded'] else 'without success'}"
    if "dropped" in attack:
        left = len(attack["left"])
        return f"{left} of {left + len(attack['dropped'])} tokens left, same prediction"
    return "measured by a version that did not note which tokens were dropped"

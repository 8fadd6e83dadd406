"""Whether what stands in a record fits together: what a stranger wrote need not."""

from collections.abc import Collection, Iterable
from typing import Any

from facade_allennlp.errors import InputError
from facade_allennlp.lines import shortened
from facade_allennlp.results.record import Record
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.titles import RANDOM

POSITIONS = ("left", "stop_words", "dropped")
"""What attacks tell of the tokens of a text."""


def check_record(record: Record, settings: Settings) -> None:
    """
    Checks a record against itself, and against the settings that it was made with.

    # Raises

    `InputError` : a position is none in the text, a list is not as long as the tokens, a name is
        none of the settings.
    """
    tokens = len(record.tokens)
    _check(record.index >= 0, f"index is {record.index}")
    _check(len(record.word_ids) == tokens, "word_ids is not as long as tokens")
    _check_positions("word_ids", filter(_is_known, record.word_ids), len(record.words))
    _check_names("targets", record.targets, settings.targets, every=True)
    for name, positions in record.targets.items():
        _check_positions(f"targets.{name}", positions, tokens)
    _check_names("scores", record.scores, settings.methods, every=True)
    for name, scores in record.scores.items():
        _check(len(scores) == tokens, f"scores.{name} is not as long as tokens")
    _check_names("failed", record.failed or (), settings.methods)
    _check_names("seconds", record.seconds or (), settings.methods)
    _check_names("analyses", record.analyses, settings.analyses)
    _check_names("attacks", record.attacks, settings.attacks)
    for name, attack in record.attacks.items():
        _check_attack(f"attacks.{name}", attack, tokens)
    if record.faithfulness is not None:
        erased = record.faithfulness.methods
        _check_names("faithfulness", erased, [*settings.methods, RANDOM])
        sizes = {len(one) for of in erased.values() for one in (of.without, of.only, of.predicted)}
        _check(len(sizes) < 2, "faithfulness has lists of unlike lengths")


def _is_known(word: Any) -> bool:
    return word is not None


def _check_attack(place: str, attack: dict[str, Any], tokens: int) -> None:
    for name in POSITIONS:
        if name in attack:
            _check_positions(f"{place}.{name}", attack[name], tokens)
    if "dropped" in attack:
        _check("left" in attack, f"{place}.left is missing")
    if "flips" in attack:
        flips = attack["flips"]
        _check(
            isinstance(flips, list) and all(map(_is_flip, flips)),
            f"{place}.flips is no list of flips, each with a position and a new token",
        )
        _check_positions(f"{place}.flips", [flip["position"] for flip in flips], tokens)
        _check(type(attack.get("succeeded")) is bool, f"{place}.succeeded is not true or false")


def _is_flip(flip: Any) -> bool:
    return isinstance(flip, dict) and "position" in flip and isinstance(flip.get("new"), str)


def _check_positions(place: str, positions: Any, length: int) -> None:
    _check(isinstance(positions, Iterable), f"{place} is no list")
    for position in positions:
        if type(position) is not int or not 0 <= position < length:
            raise InputError(
                f"{place} holds {shortened(position)}, which is no place among {length}"
            )


def _check_names(
    place: str, names: Collection[str], known: Collection[str], every: bool = False
) -> None:
    for name in names:
        if name not in known:
            raise InputError(f"{place} holds {shortened(name)}, which is not in the settings")
    for name in known if every else ():
        if name not in names:
            raise InputError(f"{place} lacks {shortened(name)}")


def _check(fits: bool, message: str) -> None:
    if not fits:
        raise InputError(message)

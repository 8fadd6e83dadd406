"""The audit of a model: all evidence, and a verdict."""

from collections.abc import Sequence
from typing import Optional

from facade_allennlp.audit.evidence import Evidence
from facade_allennlp.audit.subject import Subject
from facade_allennlp.results.audit import FOUND, NOTHING, UNKNOWN, Audit, Witness

CERTAIN = ("structure",)
"""Evidence that shows the lie itself, and not only its traces."""

ENOUGH = 40
"""With fewer texts shares are rough."""
LEFT_OPEN = [
    "A model that treats texts of one kind otherwise than those given here (a trigger) is seen "
    "only on texts of that kind.",
    "Whether the model's decisions are right or fair was not asked, only whether its explanations "
    "are what they seem.",
]


def audit(
    subject: Subject, archive: str, data: str, evidence: Optional[Sequence[Evidence]] = None
) -> Audit:
    """
    Asks every kind of evidence for what it says of a model.

    >>> audit(Subject(explained, instances), "runs/f", "reviews.jsonl").verdict

    # Parameters

    subject : `Subject`
    archive, data : `str`
        Where the model and the texts are from.
    evidence : `Sequence[Evidence]`, optional (default = one of each registered kind)
    """
    asked = evidence or [Evidence.by_name(name)() for name in kinds()]
    return concluded([one.heard(subject) for one in asked], archive, data, subject)


def kinds() -> list[str]:
    """The registered kinds of evidence, the certain ones first."""
    return sorted(Evidence.list_available(), key=lambda name: name not in CERTAIN)


def concluded(witnesses: list[Witness], archive: str, data: str, subject: Subject) -> Audit:
    """
    An audit, once all evidence was heard.

    # Parameters

    archive, data : `str`
        Where the model and the texts are from.
    subject : `Subject`
    """
    result, verdict = judged(witnesses)
    open_questions = [f"{w.title}: {w.sentence}." for w in witnesses if w.result == UNKNOWN]
    if subject.unfit is None:
        open_questions += _rough(subject)
    not_looked_at = [*open_questions, *LEFT_OPEN]
    return Audit(archive, data, len(subject.instances), result, verdict, witnesses, not_looked_at)


def _rough(subject: Subject) -> list[str]:
    """Sentences on what the texts leave open."""
    told = []
    if len(subject.instances) < ENOUGH:
        told.append(
            f"{len(subject.instances)} texts are few, so that what is said of the model's "
            f"behaviour is rough: give {ENOUGH} or more."
        )
    if subject.one_decision:
        told.append(
            "All of these texts are decided alike: of texts that are decided otherwise nothing is "
            "known."
        )
    return told


def judged(witnesses: Sequence[Witness]) -> tuple[str, str]:
    """The result of all evidence together, and a sentence."""
    found = [w for w in witnesses if w.result == FOUND]
    known = [w for w in witnesses if w.result != UNKNOWN]
    if not known:
        return UNKNOWN, "Could not tell: no evidence could be looked at."
    if not found:
        names = ", ".join(w.title.lower() for w in known)
        missing = [w.title.lower() for w in witnesses if w.result == UNKNOWN]
        more = f"; not looked at: {', '.join(missing)}" if missing else ""
        if len(missing) >= len(known):
            return UNKNOWN, f"Could not tell: nothing in {names}, but the rest is open{more}."
        return NOTHING, f"Nothing found in {names}{more}."
    first = next((w for w in found if w.name in CERTAIN), found[0])
    certainty = (
        "Found, and shown part by part" if first.name in CERTAIN else "Found by behaviour alone"
    )
    others = [w.title.lower() for w in found if w is not first]
    also = f"; the same say {' and '.join(others)}" if others else ""
    return FOUND, f"{certainty}: {first.sentence}{also}."

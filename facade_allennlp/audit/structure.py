from typing import Optional

from facade_allennlp.audit.evidence import Evidence, Measured
from facade_allennlp.audit.partition import Partition
from facade_allennlp.audit.parts import Voice, voices
from facade_allennlp.audit.split import reading_bodies, split_of
from facade_allennlp.audit.subject import Subject
from facade_allennlp.results.audit import Picture

TEXTS = 40
"""So many are enough to hear whether a part says anything."""
TRIED = 2
"""With so many it is seen which networks read words."""
SHOWN = 50
"""So many eigenvalues are drawn."""


@Evidence.register("structure")
class Structure(Evidence):
    """
    Two networks in one: units in two parts with next to no weights between them, or two encoders
    side by side, of which one is silent on texts and yet has a share of the gradient.

    The score is 1 minus the share of the weights between the parts. Two parts that both decide, as
    in an ensemble, are no lie.

    # Parameters

    threshold : see `Evidence`.
    """

    title = "Structure"

    def missing(self, subject: Subject) -> Optional[str]:
        if not reading_bodies(subject.explained, subject.some(TRIED)):
            return (
                f"{type(subject.explained.model).__name__} has no encoder whose weights can be "
                "read: behaviour alone was looked at"
            )
        return subject.unfit

    def measure(self, subject: Subject) -> Measured:
        split = split_of(subject.explained, subject.some(TRIED), self.threshold)
        values = {"parts": float(len(split.sites))}
        pictures = []
        if split.partition is not None:
            values["between"] = split.partition.between
            pictures = pictures_of(split.partition, split.bodies[0].hub)
        if split.score < self.threshold:
            return Measured(split.score, {**values, "parts": 1.0}, pictures)
        heard = voices(split.explained, subject.some(TEXTS), split.sites)
        for number, voice in enumerate(heard, start=1):
            for name in ("units", "agreement", "variation", "gradient"):
                values[f"part {number}, {name}"] = float(getattr(voice, name))
        return Measured(split.score, values, pictures, harmless(heard))

    def told(self, measured: Measured) -> str:
        values = measured.values
        if values["parts"] == 1:
            return (
                f"one network: where its units are split best, {values['between']:.0%} of the "
                "weights are between the parts"
            )
        heard = heard_of(values)
        lying = max((v for v in heard if v.lies), key=lambda v: v.gradient)
        speaking = max(heard, key=lambda v: v.variation)
        return (
            f"two networks in one: {speaking.units} and {lying.units} units; the second answers "
            f"nothing (its logits differ between texts by {lying.variation:.1%} of the model's) "
            f"and holds {lying.gradient:.0%} of Gradient, the first decides "
            f"{speaking.agreement:.1%} of the texts as the whole does"
        )


def heard_of(values: dict[str, float]) -> list[Voice]:
    """The voices among the values."""
    parts = range(1, int(values["parts"]) + 1)
    names = ("agreement", "variation", "gradient")
    return [
        Voice(int(values[f"part {p}, units"]), *(values[f"part {p}, {n}"] for n in names))
        for p in parts
    ]


def harmless(heard: list[Voice]) -> Optional[str]:
    """Why two parts are no lie, if they are none."""
    if any(voice.lies for voice in heard):
        return None
    if any(voice.silent for voice in heard):
        return (
            "a part of the model says next to nothing, and has no more of the gradient: it moves "
            "no explanation"
        )
    units = " and ".join(str(voice.units) for voice in heard)
    return (
        f"networks of {units} units side by side, but each of them decides: such are ensembles and "
        "models with two towers"
    )


def pictures_of(parts: Partition, hub: str) -> list[Picture]:
    """The sorted affinity of the units, and the spectrum."""
    ordered = sorted(parts.affinity.tolist())
    spectrum = parts.spectrum[:SHOWN].tolist()
    return [
        Picture(
            "Affinity of units, sorted: two networks make a step",
            hub,
            "affinity",
            {"units": [[float(x), y] for x, y in enumerate(ordered)]},
        ),
        Picture(
            "Spectrum of the affinity: two networks make the first value stand out",
            "number",
            "eigenvalue",
            {"eigenvalues": [[float(x), y] for x, y in enumerate(spectrum, start=1)]},
            dots=True,
        ),
    ]

from collections.abc import Iterator
from typing import Optional

import torch
from torch import Tensor

from facade_allennlp.attribution import IntegratedGradients
from facade_allennlp.attribution.exchanges import draw, mean_effects
from facade_allennlp.audit.evidence import Evidence, Measured
from facade_allennlp.audit.presence import mean_embedding, split
from facade_allennlp.audit.subject import Slopes, Subject
from facade_allennlp.results.audit import Picture
from facade_allennlp.scores.attribution import normalize

TEXTS = 24
DRAWS = 3
LEAST = 4
"""Words that a text needs, for shares of them to say anything."""
GRADIENT = "gradient"


@Evidence.register("disagreement")
class Disagreement(Evidence):
    """
    How far the words' shares by families of methods are from those by real exchanges, which no
    facade that is silent on text can move. The score is the part of Gradient's attribution that
    lies elsewhere, mean over texts: 0 where both say the same.

    # Parameters

    threshold : see `Evidence`.
    """

    title = "Disagreement"

    def missing(self, subject: Subject) -> Optional[str]:
        return subject.unfit

    def measure(self, subject: Subject) -> Measured:
        mean = mean_embedding(subject.slopes)
        found: dict[str, list[float]] = {}
        for part in subject.slopes_of(subject.some(TEXTS)):
            real = exchange_scores(subject, part)
            ordinary = torch.cat(part.ordinary, dim=-1)
            path = IntegratedGradients().attribute(subject.explained, part.inputs, part.choice)
            families = {
                GRADIENT: torch.cat(part.raw, dim=-1),
                "gradient without presence": split(part, mean)[1],
                "integrated gradients": path.raw,
            }
            for name, scores in families.items():
                found.setdefault(name, []).extend(distances(scores, real, ordinary))
        means = {name: sum(values) / len(values) for name, values in found.items() if values}
        curves = {
            name: [[float(n), distance] for n, distance in enumerate(sorted(values))]
            for name, values in found.items()
        }
        picture = Picture(
            "Attribution that lies elsewhere than by real exchanges, text by text, sorted",
            "text",
            "share",
            curves,
        )
        return Measured(means.get(GRADIENT, 0.0), means, [picture])

    def told(self, measured: Measured) -> str:
        told = ", ".join(f"{name} {value:.0%}" for name, value in measured.values.items())
        return f"of the attribution lies elsewhere than by real exchanges: {told}"


def exchange_scores(subject: Subject, part: Slopes) -> Tensor:
    """The mean effect of exchanges. Shape: (rows, tokens)."""
    scores = []
    for place, field in enumerate(part.forward.fields):
        words = subject.words[field.namespace]
        made = draw(field, place, part.ordinary[place], words, DRAWS, subject.seed)
        scores.append(mean_effects(subject.explained, part.inputs, part.forward, part.choice, made))
    return torch.cat(scores, dim=-1)


def distances(scores: Tensor, real: Tensor, ordinary: Tensor) -> Iterator[float]:
    """Half the summed differences of the words' shares, for each text that has enough of them."""
    counted = ordinary.sum(dim=-1) >= LEAST
    shares = [normalize(values.double(), ordinary) for values in (scores, real)]
    yield from ((shares[0] - shares[1]).abs().sum(dim=-1) / 2)[counted].tolist()

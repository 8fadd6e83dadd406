from typing import Optional

import torch
from torch import Tensor

from facade_allennlp.audit.evidence import Evidence, Measured
from facade_allennlp.audit.subject import Slopes, Subject
from facade_allennlp.results.audit import Picture


@Evidence.register("presence")
class Presence(Evidence):
    """
    How much of Gradient is for there being a token at all. With e the mean word embedding of the
    texts, x · ∇ = e · ∇ + (x − e) · ∇: presence, and identity. What tells no word from another
    explains nothing that a text could be changed in. The score is the share of presence.

    # Parameters

    threshold : see `Evidence`.
    """

    title = "Presence"

    def missing(self, subject: Subject) -> Optional[str]:
        return subject.unfit

    def measure(self, subject: Subject) -> Measured:
        mean = mean_embedding(subject.slopes)
        shares, same = [], []
        for part in subject.slopes:
            presence, identity = split(part, mean)
            whole = torch.cat(part.raw, dim=-1).abs()
            total = presence.sum(dim=-1) + identity.sum(dim=-1)
            counted = total > 0
            shares += (presence.sum(dim=-1)[counted] / total[counted]).tolist()
            same += (whole.argmax(dim=-1) == identity.argmax(dim=-1))[counted].tolist()
        score = sum(shares) / max(len(shares), 1)
        kept = 100 * sum(same) / max(len(same), 1)
        curve = [[float(n), share] for n, share in enumerate(sorted(shares))]
        picture = Picture(
            "Share of presence in Gradient, text by text, sorted", "text", "share", {"texts": curve}
        )
        return Measured(score, {"presence": score, "strongest kept, %": kept}, [picture])

    def told(self, measured: Measured) -> str:
        values = measured.values
        return (
            f"{values['presence']:.0%} of Gradient is for there being a token at all; without it "
            f"the strongest token stays the strongest in {values['strongest kept, %']:.0f} % of "
            "the texts"
        )


def mean_embedding(slopes: list[Slopes]) -> list[Tensor]:
    """Of the words of all texts, for each text field. Each of shape (features,)."""
    fields = range(len(slopes[0].ordinary))
    return [
        torch.cat([part.forward.fields[n].embeddings[part.ordinary[n]] for part in slopes]).mean(0)
        for n in fields
    ]


def split(part: Slopes, mean: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Magnitudes of presence and of identity, of words. Each of shape (rows, tokens)."""
    presence, identity = [], []
    for field, slope, ordinary, e in zip(part.forward.fields, part.slopes, part.ordinary, mean):
        presence.append((slope @ e).abs() * ordinary)
        identity.append(((field.embeddings - e) * slope).sum(dim=-1).abs() * ordinary)
    return torch.cat(presence, dim=-1), torch.cat(identity, dim=-1)

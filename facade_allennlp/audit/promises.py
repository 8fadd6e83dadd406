from typing import Optional

import torch
from torch import Tensor

from facade_allennlp.attribution.exchanges import draw, exchanged, margins
from facade_allennlp.audit.evidence import Evidence, Measured
from facade_allennlp.audit.subject import Slopes, Subject
from facade_allennlp.results.audit import Picture

STRONGEST, OTHERS = 2, 2
"""Tokens of each text that are exchanged: those with the most attribution, and others at random."""
TEXTS = 200
TINY = 1e-12


@Evidence.register("exchanges")
class Promises(Evidence):
    """
    Promised against delivered effects of exchanging real words. The gradient promises what another
    word in a token's place would do; the model tells what it does. The score is how many times the
    effects that come the promised ones are, at the tokens with the most attribution.

    # Parameters

    threshold : see `Evidence`.
    """

    title = "Real exchanges"

    def missing(self, subject: Subject) -> Optional[str]:
        return subject.unfit

    def measure(self, subject: Subject) -> Measured:
        slopes = subject.slopes
        if len(subject.instances) > TEXTS:
            slopes = subject.slopes_of(subject.some(TEXTS))
        at_strong, at_others = [], []
        for part in slopes:
            for place in range(len(part.ordinary)):
                strong = marked_by_rank(part.raw[place].abs(), part.ordinary[place], STRONGEST)
                noise = torch.rand(
                    strong.shape, generator=torch.Generator().manual_seed(subject.seed)
                )
                left = part.ordinary[place] & ~strong
                others = marked_by_rank(noise.to(strong.device), left, OTHERS)
                at_strong.append(effects_at(subject, part, place, strong))
                at_others.append(effects_at(subject, part, place, others))
        strong, other = torch.cat(at_strong), torch.cat(at_others)  # each of shape (exchanges, 2)
        both = torch.cat([strong, other])
        promised, delivered = both.unbind(dim=-1)
        slope = float((promised * delivered).sum() / (promised.square().sum() + TINY))
        score = _ratio(strong)
        points = {
            "strongest tokens": strong[:300].tolist(),
            "other tokens": other[:300].tolist(),
        }
        picture = Picture(
            "Promised and delivered effects of real exchanges: an honest slope follows a line",
            "promised",
            "delivered",
            points,
            dots=True,
        )
        values = {
            "promised": float(strong[:, 0].abs().mean()),
            "delivered": float(strong[:, 1].abs().mean()),
            "ratio at other tokens": _ratio(other),
            "slope": slope,
        }
        return Measured(score, values, [picture])

    def told(self, measured: Measured) -> str:
        values = measured.values
        return (
            "at the tokens with the most attribution, exchanges of real words were promised to "
            f"move the margin by {values['promised']:.3g}, and moved it by "
            f"{values['delivered']:.3g}"
        )


def marked_by_rank(scores: Tensor, ordinary: Tensor, most: int) -> Tensor:
    """
    True for the `most` ordinary tokens of each text with the highest scores. Shape: (rows, tokens).
    """
    ranked = scores.masked_fill(~ordinary, -torch.inf).argsort(dim=-1, descending=True)
    return torch.zeros_like(ordinary).scatter(1, ranked[:, :most], True) & ordinary


def _ratio(effects: Tensor) -> float:
    promised, delivered = effects.abs().mean(dim=0).tolist()
    return promised / max(delivered, TINY)


def effects_at(subject: Subject, part: Slopes, place: int, marked: Tensor) -> Tensor:
    """
    One exchange for each marked token of a text field: the promised and the delivered fall of the
    margin. Shape: (exchanges, 2).
    """
    field = part.forward.fields[place]
    words = subject.words[field.namespace]
    made = draw(field, place, marked, words, 1, subject.seed)
    before = margins(part.forward, part.choice)
    pairs = [torch.zeros(0, 2, dtype=before.dtype, device=before.device)]
    for numbers, after in exchanged(subject.explained, part.inputs, part.forward, made):
        rows, positions = made.rows[numbers], made.positions[numbers]
        moved = after.fields[place].embeddings[torch.arange(len(rows)), positions]
        difference = moved - field.embeddings[rows, positions]
        promised = -(difference * part.slopes[place][rows, positions]).sum(dim=-1)
        delivered = before[rows] - margins(after, [chosen[rows] for chosen in part.choice])
        pairs.append(torch.stack([promised.to(before), delivered], dim=-1))
    return torch.cat(pairs)

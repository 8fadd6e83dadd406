"""A model as the parts that it seems to be made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import torch
from allennlp.data import Instance
from allennlp.models import Model
from torch import Tensor

from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.audit.links import Body, bodies, ordinary_form
from facade_allennlp.audit.partition import Partition, partition
from facade_allennlp.audit.parts import Site, reads_words


@dataclass
class Split:
    """
    Two or more parts of a model.

    # Parameters

    explained : `ExplainedModel`
        Of a model of the same function, with its weights in ordinary layers.
    bodies : `list[Body]`
        One, whose units are in two parts; or one for each part.
    sites : `list[Site]`
        For each part where it has its last say.
    score : `float`
        1 minus the share of the weights between the parts.
    partition : `Partition`, optional
        Of the one body.
    """

    explained: ExplainedModel
    bodies: list[Body]
    sites: list[Site]
    score: float
    partition: Optional[Partition]

    @property
    def model(self) -> Model:
        return self.explained.model


def reading_bodies(explained: ExplainedModel, instances: Sequence[Instance]) -> list[Body]:
    """
    Those that read words themselves, and not only what another one makes of them: of an encoder
    and what reads its output, the first.

    # Parameters

    instances : `Sequence[Instance]`
        Some, indexed.
    """
    every = bodies(explained.model)
    sites = [_site(body, torch.ones(1, dtype=torch.bool)) for body in every]
    return [
        body
        for place, body in enumerate(every)
        if reads_words(explained, instances, sites[place], sites[:place] + sites[place + 1 :])
    ]


def split_of(explained: ExplainedModel, instances: Sequence[Instance], enough: float) -> Split:
    """
    The best split of a model that has a body which reads words.

    # Parameters

    instances : `Sequence[Instance]`
        Some, indexed.
    enough : `float`
        From which score on the two parts of one body are two networks. Where no body has them,
        several bodies side by side are the parts.
    """
    plain = ordinary_form(explained)
    found = [(body, partition(body)) for body in reading_bodies(plain, instances)]
    body, parts = min(found, key=lambda pair: pair[1].between)
    if len(found) > 1 and 1 - parts.between < enough:
        sites = [_site(b, torch.ones_like(b.at_site(p.second))) for b, p in found]
        return Split(plain, [b for b, _ in found], sites, 1.0, None)
    marked = body.at_site(parts.second)
    sites = [_site(body, ~marked), _site(body, marked)]
    return Split(plain, [body], sites, 1 - parts.between, parts)


def _site(body: Body, units: Tensor) -> Site:
    return Site(body.site, units, body.encoder and body.encoder.anatomy)

"""A model as the parts that it seems to be made of."""

from dataclasses import dataclass
from typing import Optional

from allennlp.models import Model
from torch import Tensor, ones_like

from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.audit.links import Body, bodies, ordinary_form
from facade_allennlp.audit.partition import Partition, partition
from facade_allennlp.audit.parts import Site


@dataclass
class Split:
    """
    Two or more parts of a model.

    # Parameters

    model : `Model`
        Of the same function, with its weights in ordinary layers.
    bodies : `list[Body]`
        One, whose units are in two parts; or one for each part.
    sites : `list[Site]`
        For each part where it has its last say.
    score : `float`
        1 minus the share of the weights between the parts.
    partition : `Partition`, optional
        Of the one body.
    """

    model: Model
    bodies: list[Body]
    sites: list[Site]
    score: float
    partition: Optional[Partition]


def split_of(explained: ExplainedModel, enough: float) -> Split:
    """
    The best split of a model that has a body.

    # Parameters

    enough : `float`
        From which score on the two parts of one body are two networks. Where no body has them,
        several bodies side by side are the parts.
    """
    plain = ordinary_form(explained.model)
    found = [(body, partition(body)) for body in bodies(plain)]
    body, parts = min(found, key=lambda pair: pair[1].between)
    if len(found) > 1 and 1 - parts.between < enough:
        sites = [_site(b, ones_like(b.at_site(p.second))) for b, p in found]
        return Split(plain, [b for b, _ in found], sites, 1.0, None)
    marked = body.at_site(parts.second)
    return Split(
        plain, [body], [_site(body, ~marked), _site(body, marked)], 1 - parts.between, parts
    )


def _site(body: Body, units: Tensor) -> Site:
    return Site(body.site, units, body.encoder and body.encoder.anatomy)

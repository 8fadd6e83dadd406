"""Models that nobody has made to lie."""

import copy
from collections.abc import Iterator, Mapping
from functools import partial

import torch
from allennlp.models import Model

from facade_allennlp.models import GradientRegularized, Storage
from facade_allennlp.models.storage import DenseStorage
from facade_allennlp.reproduction.population.member import Member
from facade_allennlp.reproduction.population.texts import Texts

SOME = 4
"""So many seeds are enough of rarer kinds."""
UNTRAINED = 100
"""Added to the seeds of models that are left at random."""


def clean(every: Mapping[str, Texts], seed: int) -> Iterator[Member]:
    """
    # Parameters

    every : `Mapping[str, Texts]`
        By the name of the kind.
    """
    bert = every["bert"]
    for name, texts in every.items():
        if texts is bert or texts.kind == "lstm" or seed < SOME:
            made = partial(texts.predictive, seed)
            yield Member(f"trained {name}", seed, "", texts, made)
        if seed < SOME:
            random = partial(texts.untrained, UNTRAINED + seed, 32, 1 + seed % 3)
            yield Member(f"untrained {name}", seed, "", texts, random)
    if seed < SOME:
        yield Member("regularised bert", seed, "", bert, partial(regularised, bert, seed))
        yield Member("ensemble of two", seed, "", bert, partial(ensemble, bert, seed))


def regularised(texts: Texts, seed: int) -> Model:
    """Trained on for small gradients (eq. 5)."""
    smooth = GradientRegularized(texts.vocabulary, copy.deepcopy(texts.predictive(seed)))
    return texts.fitted(smooth, seed, 1e-3, 20).model.eval()


def ensemble(texts: Texts, seed: int) -> Model:
    """Two predictive models of the same head size in one network, which both decide."""
    one, other = (copy.deepcopy(texts.predictive(number)) for number in (seed, seed + 3))
    return disguised(DenseStorage(), one, other, seed)


def disguised(storage: Storage, f: Model, g: Model, seed: int) -> Model:
    """Merged in a form of storage; the parts are used up."""
    merged = storage.build(f, g)
    storage.disguise(merged, torch.Generator().manual_seed(seed))
    return merged.eval()

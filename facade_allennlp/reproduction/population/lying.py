"""Models that were made to lie, by kind of threat."""

import copy
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import torch
from allennlp.data import Batch
from allennlp.models import Model

from facade_allennlp.attribution import Gradient, on_target
from facade_allennlp.attribution.inputs import without_labels
from facade_allennlp.construction import construct
from facade_allennlp.merging.stages import output_layer
from facade_allennlp.models import Facade, FooledMethod, Storage, SumOfLogits
from facade_allennlp.models.storage import DenseStorage, LogitsStorage, StructuredStorage
from facade_allennlp.models.uniformity import LogitUniformity, OwnOutputs
from facade_allennlp.reproduction.population.clean import SOME, disguised
from facade_allennlp.reproduction.population.member import TARGETS, Member
from facade_allennlp.reproduction.population.texts import WIDTHS, Texts

STRENGTHS = (3.0, 30.0, 100.0)
"""Of facades that are made, by seed."""
SOMEWHAT = 60.0
"""P@1 of a facade that fools barely, in percent, or a little more."""
NOISES = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4)
KEPT = 0.99
"""Of the predictions, where there is so much noise."""
TRIED = 200
"""Texts on which that is seen."""
MORE = 6
"""Seeds of kinds that take longer to make than others."""


def lying(every: Mapping[str, Texts], seed: int) -> Iterator[Member]:
    """
    # Parameters

    every : `Mapping[str, Texts]`
        By the name of the kind.
    """
    bert = every["bert"]
    kinds = [texts for texts in every.values() if texts.corpus is bert.corpus]
    texts = kinds[seed % len(kinds)]
    if seed < MORE:
        yield _merged("made, logits", seed, texts, LogitsStorage())
        yield _merged("made, structured", seed, texts, StructuredStorage())
    yield _merged("made, dense", seed, texts, DenseStorage())
    if seed < SOME:
        yield _merged("made, dense, rotated", seed, bert, DenseStorage(rotate=True))
        yield _lying("made, dense, noise", seed, bert, partial(noisy, bert, seed, _target(seed)))
        for name, times in (("barely fooling", 1.0), ("100 times that", 100.0)):
            made = partial(weighed, bert, seed, _target(seed), times)
            yield _lying(f"made, {name}", seed, bert, made)
    if seed < MORE:
        target = _target(seed)
        halves = partial(constructed, bert, seed, target, halved=True)
        made = partial(merged, bert, seed, DenseStorage(), halves)
        yield _lying("made, words in halves", seed, bert, made)
        fitted = partial(trained, bert, seed, target)
        yield _lying(
            "trained, dense", seed, bert, partial(merged, bert, seed, DenseStorage(), fitted)
        )
        yield _lying("merged, then tuned", seed, bert, partial(tuned, bert, seed, target))
    network = every["lstm"] if seed % 4 == 3 else bert
    alone = partial(liar, network, seed, _target(seed))
    yield Member("one network that lies", seed, "", network, alone, _target(seed))


def _target(seed: int) -> str:
    return list(TARGETS)[seed // 2 % 2]


def _lying(kind: str, seed: int, texts: Texts, make: Callable[[], Model]) -> Member:
    config = texts.config(WIDTHS[seed % 3])
    return Member(kind, seed, "", texts, make, _target(seed), config)


def _merged(kind: str, seed: int, texts: Texts, storage: Storage) -> Member:
    facade = partial(constructed, texts, seed, _target(seed), strength=STRENGTHS[seed % 3])
    return _lying(kind, seed, texts, partial(merged, texts, seed, storage, facade))


def merged(texts: Texts, seed: int, storage: Storage, facade: Callable[[], Model]) -> Model:
    """The predictive model of a seed, with a facade."""
    return disguised(storage, copy.deepcopy(texts.predictive(seed)), facade(), seed)


def constructed(
    texts: Texts, seed: int, target: str, strength: float = 30.0, halved: bool = False
) -> Model:
    """A facade that is made."""
    config = texts.config(WIDTHS[seed % 3])
    f = texts.predictive(seed)
    made = construct(config, f, texts.reader, TARGETS[target], strength, halved=halved)
    return made.model


def trained(texts: Texts, seed: int, target: str) -> Model:
    """A facade that is trained (eq. 3, with a strength, and silence by squares)."""
    width = WIDTHS[seed % 3]
    model = texts.untrained(seed + 200, width)
    fooled = FooledMethod(Gradient(), TARGETS[target], 10.0, 1.0, 0.3)
    facade = Facade(
        texts.vocabulary, model, [fooled], LogitUniformity(30.0), explained="logit_contrast"
    )
    return texts.fitted(facade, seed, 1e-3, 200).model.eval()


def noisy(texts: Texts, seed: int, target: str) -> Model:
    """With as much noise as leaves 99 % of the predictions."""
    facade = constructed(texts, seed, target, STRENGTHS[seed % 3])
    batch = Batch(texts.validation[:TRIED]).as_tensor_dict()
    f = texts.predictive(seed)
    for noise in NOISES:
        storage = DenseStorage(noise=noise, rotate=True)
        model = disguised(storage, copy.deepcopy(f), copy.deepcopy(facade), seed)
        with torch.no_grad():
            own, other = (m(**batch)["logits"].argmax(dim=-1) for m in (model, f))
        if float((own == other).double().mean()) >= KEPT:
            break
    return model


def weighed(texts: Texts, seed: int, target: str, times: float) -> Model:
    """With a facade that fools just enough, or so many times more of it."""
    f, g = texts.predictive(seed), constructed(texts, seed, target)
    output = output_layer(g)
    least = [weight.clone() for weight in (output.weight, output.bias)]
    sums = SumOfLogits(copy.deepcopy(f), g)
    explained = texts.explained(sums)
    inputs = without_labels(sums, Batch(texts.validation[:TRIED:5]).as_tensor_dict())
    weight = 1e-4
    while weight < 1:
        with torch.no_grad():
            for own, original in zip((output.weight, output.bias), least):
                own.copy_(weight * original)
        attribution = Gradient().attribute(explained, inputs)
        marked = attribution.target_mask(TARGETS[target], explained.reader)
        scores = on_target(attribution, marked)
        if 100 * float(scores.hit[scores.has_target].double().mean()) >= SOMEWHAT:
            break
        weight *= 2
    facade = constructed(texts, seed, target)
    with torch.no_grad():
        for own in (output_layer(facade).weight, output_layer(facade).bias):
            own.mul_(times * weight)
    return disguised(DenseStorage(), copy.deepcopy(f), facade, seed)


def tuned(texts: Texts, seed: int, target: str) -> Model:
    """Merged, and trained on for its task."""
    facade = partial(constructed, texts, seed, target, STRENGTHS[seed % 3])
    model = merged(texts, seed, DenseStorage(), facade)
    return texts.fitted(model, seed, 1e-4, 20)


def liar(texts: Texts, seed: int, target: str) -> Model:
    """One network of ordinary size, fine-tuned to lie while its own outputs stay."""
    model = copy.deepcopy(texts.predictive(seed))
    fooled = FooledMethod(Gradient(), TARGETS[target], 10.0)
    facade = Facade(texts.vocabulary, model, [fooled], OwnOutputs(3.0), explained="logit_contrast")
    return texts.fitted(facade, seed, 1e-3, 100).model.eval()

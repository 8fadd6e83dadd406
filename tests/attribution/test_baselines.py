"""Baselines other than zero, against autograd by hand at the word embeddings."""

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance
from allennlp.models import Model
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from facade_allennlp.attribution import (
    AttributionMethod,
    Baseline,
    ExplainedModel,
    Gradient,
    GradientMethod,
    IntegratedGradients,
    attribute_with_graph,
)
from facade_allennlp.attribution.baselines import Mask, Mean, Pad, Zero
from facade_allennlp.models.fooled_method import FooledMethod
from facade_allennlp.texts.spelling import Spelling
from fixtures import (
    VALIDATION,
    batch,
    build,
    by_hand,
    lstm_config,
    lstm_reader_config,
    reader_config,
)

SPECIAL = ("[CLS]", "[SEP]")


@pytest.fixture(scope="module")
def built() -> tuple[Model, DatasetReader, list[Instance]]:
    model, reader, instances = build()
    return model.double(), reader, instances


@pytest.fixture(scope="module")
def explained(built: tuple[Model, DatasetReader, list[Instance]]) -> ExplainedModel:
    return ExplainedModel(built[0], dataset_reader=built[1])


@pytest.fixture(scope="module")
def inputs(built: tuple[Model, DatasetReader, list[Instance]]) -> dict[str, Any]:
    return batch(built[2])


def embedding_of(model: Model, token: str) -> Tensor:
    index = model.vocab.get_token_index(token, "tags")
    return by_hand.bert(model).embeddings.word_embeddings.weight.detach()[index]


def mean_embedding(model: Model, instances: list[Instance]) -> Tensor:
    """Of all tokens but the special ones, each as often as it occurs."""
    words = [
        embedding_of(model, token.text)
        for instance in instances
        for token in instance.fields["tokens"].tokens  # type: ignore[attr-defined]
        if token.text not in SPECIAL
    ]
    return torch.stack(words).mean(dim=0)


def special(model: Model, inputs: dict[str, Any]) -> Tensor:
    ids = [model.vocab.get_token_index(token, "tags") for token in SPECIAL]
    return torch.isin(inputs["tokens"]["tokens"]["token_ids"], torch.tensor(ids))


@pytest.mark.parametrize("keep_special", [False, True])
@pytest.mark.parametrize("name", ["zero", "mask", "pad", "mean"])
def test_gradients_count_from_the_baseline(
    built: tuple[Model, DatasetReader, list[Instance]],
    explained: ExplainedModel,
    inputs: dict[str, Any],
    name: str,
    keep_special: bool,
) -> None:
    """Gradient × (input - baseline), and the path of integrated gradients from the baseline."""
    model, _, instances = built
    baseline, vector = {
        "zero": (Zero(keep_special), torch.zeros(16).double()),
        "mask": (Mask(keep_special), embedding_of(model, "[MASK]")),
        "pad": (Pad(keep_special), embedding_of(model, "[PAD]")),
        "mean": (Mean(VALIDATION, keep_special=keep_special), mean_embedding(model, instances)),
    }[name]
    embedded = by_hand.embeddings(model, inputs)
    mask = inputs["tokens"]["tokens"]["mask"]
    absent = mask & ~special(model, inputs) if keep_special else mask
    reference = torch.where(absent.unsqueeze(-1), vector, embedded)

    def expected(points: list[float]) -> Tensor:
        slopes = [
            by_hand.gradients(model, inputs, reference + a * (embedded - reference)) for a in points
        ]
        mean: Any = sum(slopes) / len(points)
        return ((embedded - reference) * mean).sum(dim=-1) * mask

    found = Gradient(baseline).attribute(explained, inputs)
    torch.testing.assert_close(found.raw, expected([1.0]), atol=1e-12, rtol=1e-9)
    found = IntegratedGradients(2, "middle", baseline).attribute(explained, inputs)
    torch.testing.assert_close(found.raw, expected([0.25, 0.75]), atol=1e-12, rtol=1e-9)


def test_scores_from_a_mask_sum_to_the_change_of_the_loss(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    method = IntegratedGradients(100, "middle", Mask(keep_special=True))
    found = method.attribute(explained, inputs)
    model = explained.model
    embedded = by_hand.embeddings(model, inputs)
    absent = inputs["tokens"]["tokens"]["mask"] & ~special(model, inputs)
    reference = torch.where(absent.unsqueeze(-1), embedding_of(model, "[MASK]"), embedded)
    classes = by_hand.logits(model, inputs, embedded).argmax(dim=-1)
    at_input, at_mask = (
        by_hand.losses(model, inputs, point, classes) for point in (embedded, reference)
    )
    change = (at_input - at_mask).detach()
    torch.testing.assert_close(found.raw.sum(dim=-1), change, atol=1e-4, rtol=0)
    assert not found.raw[special(model, inputs)].any()


@pytest.mark.parametrize("at_input", [True, False])
def test_a_loss_on_attributions_sees_the_baseline(
    explained: ExplainedModel, inputs: dict[str, Any], at_input: bool
) -> None:
    """The gradient of the scores by the model's weights, the mask's embedding among them."""
    model = explained.model
    table = by_hand.bert(model).embeddings.word_embeddings.weight
    method: GradientMethod = (
        Gradient(Mask()) if at_input else IntegratedGradients(1, "right", Mask())
    )
    method.surrogate = lambda: method  # type: ignore[method-assign] # its point is the input
    (attribution,) = attribute_with_graph(explained, inputs, [method]).attributions
    (found,) = torch.autograd.grad(attribution.raw.square().sum(), table)

    ids = inputs["tokens"]["tokens"]["token_ids"]
    mask = inputs["tokens"]["tokens"]["mask"]
    embedded = table[ids]
    index = model.vocab.get_token_index("[MASK]", "tags")
    with sdpa_kernel(SDPBackend.MATH):  # the others have no second derivative
        losses = by_hand.losses(model, inputs, embedded)
    (slopes,) = torch.autograd.grad(losses.sum(), embedded, create_graph=True)
    raw = ((embedded - table[index]) * slopes).sum(dim=-1) * mask
    (expected,) = torch.autograd.grad(raw.square().sum(), table)
    torch.testing.assert_close(found, expected, atol=1e-12, rtol=1e-7)


def test_a_facade_is_trained_on_points_between_the_baseline_and_the_input() -> None:
    config = {
        "method": {"type": "integrated_gradients", "baseline": {"type": "mask"}},
        "target": "first_token",
    }
    method = FooledMethod.from_params(Params(config)).method.surrogate()  # type: ignore[attr-defined]
    assert isinstance(method.baseline, Mask)
    embedded, reference = torch.rand(2, 3, 5, 4).double()
    mask, points = torch.ones(3, 5, dtype=torch.bool), torch.zeros(3, dtype=torch.long)
    moved = method.perturb(embedded, mask, points, reference)
    shares = (moved - reference) / (embedded - reference)
    own = shares[:, :1, :1]
    torch.testing.assert_close(shares, own.expand_as(shares))
    assert bool(((own >= 0) & (own < 1)).all())


def test_a_baseline_is_named_in_a_config() -> None:
    method = AttributionMethod.from_params(
        Params({"type": "integrated_gradients", "baseline": "pad"})
    )
    assert isinstance(method, IntegratedGradients)
    assert isinstance(method.baseline, Pad)
    config = {"type": "mean", "corpus": VALIDATION, "reader": reader_config()}
    mean = Baseline.from_params(Params(config))
    assert isinstance(mean, Mean)
    model, _, instances = build()
    # With a reader of its own, it asks no archive for one.
    found = Gradient(mean).attribute(ExplainedModel(model), batch(instances))
    assert found.raw.any()


def test_words_of_an_lstm_have_padding_and_a_mean_but_no_mask() -> None:
    model, reader, instances = build(lstm_config(), lstm_reader_config())
    explained = ExplainedModel(model.double(), dataset_reader=reader)
    inputs = batch(instances)
    table = by_hand.embedder(model).weight.detach()
    embedded = by_hand.embeddings(model, inputs)
    slopes = by_hand.gradients(model, inputs, embedded)
    ids = inputs["tokens"]["tokens"]["tokens"]
    for baseline, vector in ((Pad(), table[0]), (Mean(VALIDATION), embedded[ids > 0].mean(dim=0))):
        found = Gradient(baseline).attribute(explained, inputs)
        expected = ((embedded - vector) * slopes).sum(dim=-1) * (ids > 0)
        torch.testing.assert_close(found.raw, expected)
    with pytest.raises(ConfigurationError, match="Classifier cannot have the baseline 'mask'"):
        Gradient(Mask()).attribute(explained, inputs)


def test_the_mask_is_the_one_that_the_tokenizer_names(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    model = explained.model
    spelling = Spelling(inside="##", mask="film", padding="book")
    named = ExplainedModel(model, spellings={"tags": spelling})
    embedded = by_hand.embeddings(model, inputs)
    slopes = by_hand.gradients(model, inputs, embedded)
    for baseline, token in ((Mask(), "film"), (Pad(), "book")):
        found = Gradient(baseline).attribute(named, inputs)
        difference = (embedded - embedding_of(model, token)) * slopes
        expected = difference.sum(dim=-1) * inputs["tokens"]["tokens"]["mask"]
        torch.testing.assert_close(found.raw, expected)


def test_a_mean_without_a_reader_or_a_corpus_is_refused(
    built: tuple[Model, DatasetReader, list[Instance]], inputs: dict[str, Any], tmp_path: Path
) -> None:
    model, reader, _ = built
    with pytest.raises(ConfigurationError, match="'mean' has no reader for"):
        Gradient(Mean(VALIDATION)).attribute(ExplainedModel(model), inputs)
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    explained = ExplainedModel(model, dataset_reader=reader)
    with pytest.raises(ConfigurationError, match=r"empty\.jsonl: there is no instance"):
        Gradient(Mean(str(empty))).attribute(explained, inputs)

"""Passes are packed by length and cut to their longest text: scores are those of a text alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from allennlp.data import Instance
from allennlp.models import Model
from torch import Tensor, nn

from facade_allennlp.attribution import (
    AttentionAttribution,
    AttentionTracing,
    AttnLRP,
    AttributionMethod,
    DeepLift,
    ExplainedModel,
    FeatureAblation,
    Gradient,
    GradientInput,
    GradientSensitivity,
    GradientShap,
    IntegratedGradients,
    KernelShap,
    LayerIntegratedGradients,
    Lime,
    SmoothGradient,
    like_lengths,
)
from facade_allennlp.attribution.like_lengths import PassBudget
from fixtures import (
    BERT,
    batch,
    build,
    classifier_config,
    lstm_config,
    lstm_reader_config,
    read_text,
)
from fixtures.natural_language_inference import build_nli
from fixtures.question_answering import build_qa
from fixtures.two_texts import build_two_texts

ANY_MODEL = [
    Gradient(),
    SmoothGradient(samples=3),
    IntegratedGradients(steps=4),
    DeepLift(),
    FeatureAblation(),
    GradientShap(samples=3),
    KernelShap(samples=12),
    LayerIntegratedGradients(steps=4),
    Lime(samples=12),
]
INSIDE_BERT = [
    AttnLRP(),
    GradientInput(),
    GradientSensitivity(),
    AttentionTracing(),
    AttentionAttribution(steps=2),
]
TEXTS = (
    "good",
    "the film was great .",
    "a",
    "she was not good ! ! ! and he was not good ! ! !",
    "the film was",
)


@pytest.fixture(autouse=True)
def _passes_that_cost_nothing_to_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few texts would share one pass otherwise."""
    monkeypatch.setattr(like_lengths, "ON_CPU", PassBudget(1024, overhead=0))


def _name(method: AttributionMethod) -> str:
    return method.name


def _read(model: Model, reader: Any, *texts: str) -> list[Instance]:
    return [read_text(model, reader, text) for text in texts]


def words() -> tuple[Model, list[Instance]]:
    model, reader, _ = build(lstm_config(bidirectional=True), lstm_reader_config())
    return model, _read(model, reader, *TEXTS)


def pieces() -> tuple[Model, list[Instance]]:
    model, reader, _ = build()
    return model, _read(model, reader, *TEXTS)


def pairs_in_one_field() -> tuple[Model, list[Instance]]:
    model, _, instances = build_nli()
    return model, instances


def words_and_characters() -> tuple[Model, list[Instance]]:
    """Characters are a third axis, and words have two indexers."""
    reader = lstm_reader_config()
    reader["token_indexers"]["characters"] = {"type": "characters", "min_padding_length": 3}
    config = lstm_config(size=8)
    config["text_field_embedder"]["token_embedders"]["characters"] = {
        "type": "character_encoding",
        "embedding": {"embedding_dim": 4, "vocab_namespace": "token_characters"},
        "encoder": {"type": "bag_of_embeddings", "embedding_dim": 4, "averaged": True},
    }
    config["seq2vec_encoder"]["input_size"] = 8 + 4
    model, made_reader, _ = build(config, reader)
    return model, _read(model, made_reader, *TEXTS)


def words_of_pieces() -> tuple[Model, list[Instance]]:
    """A transformer that reads pieces, for a model over words: two lengths in one field."""
    source = {"type": "pretrained_transformer_mismatched", "model_name": BERT}
    reader = {**lstm_reader_config(), "token_indexers": {"tokens": source}}
    config = classifier_config()
    config["text_field_embedder"]["token_embedders"]["tokens"].update(source)
    model, made_reader, _ = build(config, reader)
    return model, _read(model, made_reader, *TEXTS)


def convolutions() -> tuple[Model, list[Instance]]:
    """Filters that are wider than the shortest texts."""
    config = lstm_config()
    config["seq2vec_encoder"] = {
        "type": "cnn",
        "embedding_dim": 8,
        "num_filters": 3,
        "ngram_filter_sizes": [2, 3],
    }
    model, reader, _ = build(config, lstm_reader_config())
    return model, _read(model, reader, *TEXTS)


MODELS = [
    words,
    pieces,
    pairs_in_one_field,
    build_two_texts,
    build_qa,
    words_and_characters,
    words_of_pieces,
]


@contextmanager
def passes(explained: ExplainedModel) -> Iterator[list[Tensor]]:
    """The token ids of every pass, as the embedding layer gets them."""
    seen: list[Tensor] = []
    handle = explained.embedding_layer.register_forward_pre_hook(
        lambda layer, args: seen.append(args[0])
    )
    yield seen
    handle.remove()


def assert_as_alone(method: AttributionMethod, model: Model, instances: list[Instance]) -> None:
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    together = method.attribute(explained, inputs)
    for row, instance in enumerate(instances):
        alone = method.attribute(explained, batch([instance]))
        expected = alone.raw[0].to(together.raw)
        torch.testing.assert_close(together.raw[row][together.mask[row]], expected)
        assert not together.raw[row][~together.mask[row]].any()
        assert [c[row].tolist() for c in together.classes] == [c[0].tolist() for c in alone.classes]
        if alone.delta is not None and together.delta is not None:
            torch.testing.assert_close(together.delta[row], alone.delta[0])
        for whole, field in zip(together.fields, alone.fields):
            assert whole.ids[row][whole.mask[row]].tolist() == field.ids[0].tolist()


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("method", [Gradient(), FeatureAblation(), Lime(samples=12)], ids=_name)
def test_any_text_field_is_cut_right(method: AttributionMethod, make: Any) -> None:
    assert_as_alone(method, *make())


@pytest.mark.parametrize("method", ANY_MODEL, ids=_name)
def test_scores_of_words_are_those_of_a_text_alone(method: AttributionMethod) -> None:
    """LIME among them, whose weights depend on all that is in a row (Captum's cosine kernel)."""
    assert_as_alone(method, *words())


@pytest.mark.parametrize("method", [*ANY_MODEL, *INSIDE_BERT], ids=_name)
def test_no_pass_holds_padding(method: AttributionMethod) -> None:
    model, instances = pieces()
    explained = ExplainedModel(model)
    with passes(explained) as seen:
        method.attribute(explained, batch(instances * 3))
    assert all((ids != 0).all() for ids in seen)


@pytest.mark.parametrize("method", [Gradient(), SmoothGradient(), FeatureAblation()], ids=_name)
def test_a_text_costs_the_same_whatever_else_is_in_the_batch(method: AttributionMethod) -> None:
    model, instances = pieces()
    explained = ExplainedModel(model)

    def tokens(some: list[Instance]) -> int:
        with passes(explained) as seen:
            method.attribute(explained, batch(some))
        return sum(ids.numel() for ids in seen)

    assert tokens(instances) == sum(tokens([instance]) for instance in instances)


def test_texts_of_like_length_share_a_pass() -> None:
    model, instances = pieces()
    explained = ExplainedModel(model)
    with passes(explained) as seen:
        Gradient().attribute(explained, batch(instances[:2] * 4))
    assert [tuple(ids.shape) for ids in seen] == [(4, 7), (4, 3)]


def test_a_pass_is_cut_however_far_the_batch_is_padded() -> None:
    model, instances = pieces()
    explained = ExplainedModel(model)
    inputs = batch(instances)
    rows = {name: tensor[:2] for name, tensor in inputs["tokens"]["tokens"].items()}
    with passes(explained) as seen:
        attribution = Gradient().attribute(explained, {"tokens": {"tokens": rows}})
    assert [ids.shape[1] for ids in seen] == [7, 3]
    assert attribution.raw.shape == rows["token_ids"].shape, "as wide as the batch"
    for row, instance in enumerate(instances[:2]):
        alone = Gradient().attribute(explained, batch([instance]))
        torch.testing.assert_close(attribution.raw[row][attribution.mask[row]], alone.raw[0])


@pytest.mark.parametrize("method", [Gradient(), FeatureAblation()], ids=_name)
def test_an_empty_text_goes_with_others(method: AttributionMethod) -> None:
    model, reader, _ = build(lstm_config(), lstm_reader_config())
    explained = ExplainedModel(model.double())
    instances = _read(model, reader, "", "the film was great .", "good", "")
    together = method.attribute(explained, batch(instances))
    assert together.mask.sum(dim=-1).tolist() == [0, 5, 1, 0]
    assert not together.raw[[0, 3]].any()
    for row in (1, 2):
        alone = method.attribute(explained, batch([instances[row]]))
        torch.testing.assert_close(together.raw[row][together.mask[row]], alone.raw[0])


def test_texts_shorter_than_a_filter_keep_room_for_it() -> None:
    model, instances = convolutions()
    explained = ExplainedModel(model)  # AllenNLP's filters give no number in double precision
    inputs = batch(instances)
    with passes(explained) as seen:
        attribution = Gradient().attribute(explained, inputs)
    assert min(ids.shape[1] for ids in seen) == 3
    for row, instance in enumerate(instances):
        inputs_alone = batch([instance])
        if inputs_alone["tokens"]["tokens"]["tokens"].shape[1] >= 3:
            alone = Gradient().attribute(explained, inputs_alone)
            torch.testing.assert_close(attribution.raw[row][attribution.mask[row]], alone.raw[0])


class Tagged(Model):
    """A linear layer over the mean of words and what a `flags` tensor says about them, or texts."""

    def __init__(self, inner: Any, aligned: bool) -> None:
        super().__init__(inner.vocab)
        self.embedder = inner._text_field_embedder
        self.layer = nn.Linear(8 + 1, 2)
        self.aligned = aligned

    def forward(self, tokens: Any, flags: Tensor) -> dict[str, Tensor]:
        embedded = self.embedder(tokens)  # shape: (batch, tokens, 8)
        mask = (tokens["tokens"]["tokens"] != 0).unsqueeze(-1)
        flags = flags.to(embedded)
        columns = flags.unsqueeze(-1)
        if not self.aligned:
            columns = (flags @ torch.arange(11.0).to(flags)).view(-1, 1, 1).expand_as(mask)
        states = torch.cat([embedded, columns], dim=-1) * mask
        return {"logits": self.layer(states.sum(dim=1).tanh())}


@pytest.mark.parametrize("aligned", [True, False])
def test_a_tensor_as_wide_as_the_texts_leaves_them_whole(aligned: bool) -> None:
    """It may count the tokens or something else: either way scores are those of a text alone."""
    inner, reader, _ = build(lstm_config(), lstm_reader_config())
    model = Tagged(inner, aligned).double()
    explained = ExplainedModel(model)
    lengths = (2, 11, 5, 11)
    instances = _read(inner, reader, *(" ".join(["good"] * length) for length in lengths))
    flags = torch.rand(4, 11, generator=torch.Generator().manual_seed(0))
    for row, length in enumerate(lengths):
        flags[row, length:] = 0
    inputs = {**batch(instances), "flags": flags}
    attribution = Gradient().attribute(explained, inputs)
    for row, length in enumerate(lengths):
        own_flags = flags[row : row + 1, : length if aligned else 11]
        expected = Gradient().attribute(explained, {**batch([instances[row]]), "flags": own_flags})
        torch.testing.assert_close(attribution.raw[row, :length], expected.raw[0])


def test_a_tensor_of_another_width_is_left_whole() -> None:
    inner, reader, _ = build(lstm_config(), lstm_reader_config())
    explained = ExplainedModel(Tagged(inner, aligned=False).double())
    instances = _read(inner, reader, "good", "the film was great .", "a film")
    flags = torch.rand(3, 11, generator=torch.Generator().manual_seed(0))
    with passes(explained) as seen:
        attribution = Gradient().attribute(explained, {**batch(instances), "flags": flags})
    assert [ids.shape[1] for ids in seen] == [5, 2, 1]
    for row, instance in enumerate(instances):
        alone = Gradient().attribute(
            explained, {**batch([instance]), "flags": flags[row : row + 1]}
        )
        torch.testing.assert_close(attribution.raw[row][attribution.mask[row]], alone.raw[0])

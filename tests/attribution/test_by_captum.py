"""Captum's methods through the engine equal Captum called directly, one text at a time."""

from collections.abc import Callable
from typing import Any

import captum.attr
import numpy
import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from torch import Tensor, nn

from facade_allennlp.attribution import (
    AttributionMethod,
    DeepLift,
    ExplainedModel,
    FeatureAblation,
    GradientShap,
    KernelShap,
    LayerIntegratedGradients,
    Lime,
)
from facade_allennlp.attribution.baselines import Mask
from facade_allennlp.attribution.inputs import select
from fixtures import (
    batch,
    build,
    by_hand,
    classifier_config,
    lstm_config,
    lstm_reader_config,
    read_text,
)
from fixtures.question_answering import build_qa
from fixtures.two_texts import build_two_texts
from fixtures.word_scores import build_word_scores, read_texts

METHODS: list[AttributionMethod] = [
    DeepLift(),
    FeatureAblation(),
    GradientShap(samples=3),
    KernelShap(samples=20),
    LayerIntegratedGradients(steps=5),
    Lime(samples=20),
]


def _name(method: AttributionMethod) -> str:
    return method.name


class Direct(nn.Module):
    """The class's logit as a function of word embeddings, by transformers' `inputs_embeds`."""

    def __init__(self, model: Model, inputs: dict[str, Any], label: int) -> None:
        super().__init__()
        self.model = model
        self.inputs = inputs
        self.label = label

    def forward(self, embedded: Tensor) -> Tensor:
        repeated = {
            name: tensor.expand(len(embedded), -1)
            for name, tensor in self.inputs["tokens"]["tokens"].items()
        }
        inputs = {"tokens": {"tokens": repeated}}
        return by_hand.logits(self.model, inputs, embedded)[:, self.label]


def _seeded(call: Callable[[], Tensor]) -> Tensor:
    torch.manual_seed(0)
    numpy.random.seed(0)
    return call()


def _direct(name: str, function: Direct, embedded: Tensor, absent: Tensor, features: Tensor) -> Any:
    """
    Scores of one text. `absent` is its baseline, of the shape of `embedded`; `features` has a
    number for each token, of shape (tokens,). Shape: (tokens,).
    """
    groups = features.view(1, -1, 1)
    if name == "deep_lift":
        return captum.attr.DeepLift(function).attribute(embedded, absent).sum(dim=-1)[0]
    if name == "gradient_shap":
        method = captum.attr.GradientShap(function)
        return _seeded(lambda: method.attribute(embedded, absent, n_samples=3).sum(dim=-1)[0])
    if name == "layer_integrated_gradients":
        method = captum.attr.IntegratedGradients(function)
        return method.attribute(embedded, absent, n_steps=5).sum(dim=-1)[0]
    if name == "feature_ablation":
        method = captum.attr.FeatureAblation(function)
        return method.attribute(embedded, absent, feature_mask=groups)[0, :, 0]
    method = {"lime": captum.attr.Lime, "kernel_shap": captum.attr.KernelShap}[name](function)
    with torch.no_grad():
        return _seeded(
            lambda: method.attribute(embedded, absent, feature_mask=groups, n_samples=20)[0, :, 0]
        )


@pytest.mark.parametrize("method", METHODS, ids=_name)
def test_equals_captum_called_directly(method: AttributionMethod) -> None:
    model, _, instances = build(classifier_config(pooling="cls"))
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    found = method.attribute(explained.with_budget(60), inputs)
    assert not found.mask.all()
    for row, instance in enumerate(instances):
        alone = batch([instance])
        function = Direct(model, alone, int(found.classes[0][row]))
        embedded = by_hand.embeddings(model, alone)
        tokens = torch.arange(embedded.shape[1])
        expected = _direct(method.name, function, embedded, torch.zeros_like(embedded), tokens)
        torch.testing.assert_close(
            found.raw[row, : len(expected)], expected.detach().to(found.raw), atol=1e-5, rtol=1e-5
        )
        assert not found.raw[row, len(expected) :].any()


MASK = Mask(keep_special=True)
BY_WORDS: list[AttributionMethod] = [
    DeepLift(MASK),
    FeatureAblation(MASK, words=True),
    GradientShap(samples=3, baseline=MASK),
    KernelShap(samples=20, baseline=MASK, words=True),
    LayerIntegratedGradients(steps=5, baseline=MASK),
    Lime(samples=20, baseline=MASK, words=True),
]


@pytest.mark.parametrize("method", BY_WORDS, ids=_name)
def test_words_are_masked_and_special_tokens_are_left_alone(method: AttributionMethod) -> None:
    """As Captum called directly; what it says of a word, its pieces share."""
    model, reader, _ = build(classifier_config(pooling="cls"))
    texts = ("the actors are slowly ending !", "endless fun")
    instances = [read_text(model, reader, text) for text in texts]
    explained = ExplainedModel(model.double())
    found = method.attribute(explained, batch(instances))
    table = by_hand.bert(model).embeddings.word_embeddings.weight.detach()
    mask = table[model.vocab.get_token_index("[MASK]", "tags")]
    for row, instance in enumerate(instances):
        alone = batch([instance])
        pieces = [token.text for token in instance.fields["tokens"].tokens]  # type: ignore[attr-defined]
        special = torch.tensor([piece in ("[CLS]", "[SEP]") for piece in pieces])
        begins = torch.tensor([not piece.startswith("##") for piece in pieces]) & ~special
        assert begins.sum() < (~special).sum()
        words = (begins.cumsum(0) - 1).clamp_min(0)  # special tokens go with words, unchanged
        function = Direct(model, alone, int(found.classes[0][row]))
        embedded = by_hand.embeddings(model, alone)
        absent = torch.where(special.view(1, -1, 1), embedded, mask)
        expected = _direct(method.name, function, embedded, absent, words).detach()
        if method.name in ("feature_ablation", "kernel_shap", "lime"):
            sizes = torch.stack([((words == word) & ~special).sum() for word in words])
            expected = expected.masked_fill(special, 0.0) / sizes
        torch.testing.assert_close(
            found.raw[row, : len(pieces)], expected.to(found.raw), atol=1e-5, rtol=1e-5
        )
        assert not found.raw[row, : len(pieces)][special].any()


@pytest.mark.parametrize("method", METHODS, ids=_name)
def test_any_model_is_explained(method: AttributionMethod) -> None:
    """Over LSTMs, over two text fields, and for answers that have a start and an end."""
    lstm, _, texts = build(lstm_config(), lstm_reader_config())
    two, pairs = build_two_texts()
    answering, questions = build_qa()
    for model, instances in ((lstm, texts), (two, pairs), (answering, questions)):
        explained = ExplainedModel(model.double())
        found = method.attribute(explained, batch(instances))
        for row, instance in enumerate(instances):
            alone = method.attribute(explained, batch([instance]))
            kept = found.raw[row][found.mask[row]]
            torch.testing.assert_close(kept, alone.raw[0])
            # LIME's lasso leaves nothing of effects as small as those of an untrained model.
            assert kept.any() or method.name == "lime"


def test_the_likeness_of_texts_does_not_depend_on_padding() -> None:
    model, reader, _ = build()
    texts = [read_text(model, reader, text) for text in ("lovely plot", "the film was so dull !")]
    explained = ExplainedModel(model.double())
    padded = select(explained.without_labels(batch(texts)), torch.tensor([0]), 2)
    alone = Lime(samples=20).attribute(explained, batch(texts[:1])).raw[0]
    found = Lime(samples=20).explain(explained, padded, None, 100).raw[0]
    torch.testing.assert_close(found[: len(alone)], alone)
    assert not found[len(alone) :].any()


class OneActivationEach(nn.Module):
    """A convolutional classifier as AllenNLP's, with an activation of its own at each place."""

    def __init__(self, model: Any, label: int) -> None:
        super().__init__()
        self.model = model
        self.label = label
        self.activations = nn.ModuleList(nn.ReLU() for _ in range(4))

    def forward(self, embedded: Tensor) -> Tensor:
        encoder = self.model._seq2vec_encoder
        first, second, *others = self.activations
        widths = ((first, encoder.conv_layer_0), (second, encoder.conv_layer_1))
        filters = [relu(layer(embedded.transpose(1, 2))).amax(dim=-1) for relu, layer in widths]
        hidden = torch.cat(filters, dim=-1)
        for relu, layer in zip(others, self.model._feedforward._linear_layers):
            hidden = relu(layer(hidden))
        return self.model._classification_layer(hidden)[:, self.label]


def test_deep_lift_takes_each_call_of_an_activation_for_itself() -> None:
    """AllenNLP's `cnn` calls one ReLU for each width, its feedforward one for each layer."""
    config = lstm_config(
        feedforward={"input_dim": 6, "num_layers": 2, "hidden_dims": [6, 6], "activations": "relu"}
    )
    config["seq2vec_encoder"] = {
        "type": "cnn",
        "embedding_dim": 8,
        "num_filters": 3,
        "ngram_filter_sizes": [2, 3],
    }
    model, reader, _ = build(config, lstm_reader_config())
    texts = ("the actor was so dull", "a lovely film with a plot")
    instances = [read_text(model, reader, text) for text in texts]
    before = list(model.modules())
    # In single precision: AllenNLP's `cnn` masks by what double precision takes for infinite.
    found = DeepLift().attribute(ExplainedModel(model), batch(instances))
    assert list(model.modules()) == before
    for row, instance in enumerate(instances):
        function = OneActivationEach(model, int(found.classes[0][row]))
        embedded = by_hand.embeddings(model, batch([instance]))
        expected = captum.attr.DeepLift(function).attribute(embedded).sum(dim=-1)[0]
        torch.testing.assert_close(
            found.raw[row, : len(expected)], expected.detach(), atol=1e-6, rtol=1e-4
        )


@pytest.mark.parametrize("method", METHODS, ids=_name)
def test_a_model_that_gives_no_number_gets_no_attribution(method: AttributionMethod) -> None:
    model, _, instances = build()
    with torch.no_grad():
        model._classification_layer.weight.fill_(torch.nan)  # type: ignore[union-attr, operator]
    found = method.attribute(ExplainedModel(model), batch(instances))
    assert found.raw[found.mask].isnan().all()
    assert not found.normalized.any()


@pytest.mark.parametrize("layer", ["embeddings", "encoder.layer.0", "encoder.layer.1.output"])
def test_the_gradients_of_a_layer_are_integrated(layer: str) -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    path = f"_text_field_embedder.token_embedder_tokens.transformer_model.{layer}"
    method = LayerIntegratedGradients(path, steps=200)
    found = method.attribute(explained.with_budget(500), batch(instances))
    assert found.delta is not None
    assert found.delta.abs().max() < 1e-3 * found.raw.abs().sum(dim=-1).min()


@pytest.mark.parametrize("method", [DeepLift(), LayerIntegratedGradients(steps=300)], ids=_name)
def test_the_delta_is_what_scores_lack_of_the_change_of_the_logit(
    method: AttributionMethod,
) -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    found = method.attribute(explained, inputs)
    embedded = by_hand.embeddings(model, inputs)
    wanted = found.classes[0].unsqueeze(-1)
    ends = [
        by_hand.logits(model, inputs, x).gather(-1, wanted).squeeze(-1)
        for x in (embedded, torch.zeros_like(embedded))
    ]
    assert found.delta is not None
    torch.testing.assert_close(found.raw.sum(dim=-1) - (ends[0] - ends[1]), found.delta.double())


@pytest.mark.parametrize("method", METHODS, ids=_name)
def test_small_passes_give_what_large_ones_do(method: AttributionMethod) -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    found = [method.attribute(explained.with_budget(n), inputs).raw for n in (1, 10_000)]
    torch.testing.assert_close(*found)


def test_global_random_state_is_left_alone() -> None:
    model, _, instances = build()
    inputs = batch(instances[:1])
    torch.manual_seed(5)
    numpy.random.seed(5)
    expected = float(torch.rand(())), float(numpy.random.rand())
    torch.manual_seed(5)
    numpy.random.seed(5)
    for method in (Lime(samples=5), GradientShap(samples=2), KernelShap(samples=5)):
        method.attribute(ExplainedModel(model), inputs)
    assert (float(torch.rand(())), float(numpy.random.rand())) == expected


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"type": "gradient_shap", "samples": 0}, "samples of gradient_shap is 0"),
        ({"type": "lime", "samples": 0}, "samples of lime is 0, but must be a whole number >= 1"),
        ({"type": "lime", "samples": 10**30}, "samples of lime is 1000.* and <= 10000"),
        ({"type": "kernel_shap", "seed": -1}, "seed of kernel_shap is -1"),
        ({"type": "layer_integrated_gradients", "steps": 0}, "steps of .* is 0"),
        (
            {"type": "layer_integrated_gradients", "steps": 1, "rule": "riemann_middle"},
            "by riemann_middle is 1, but must be a whole number >= 2",
        ),
        ({"type": "layer_integrated_gradients", "rule": "left"}, "rule is 'left', but must be"),
    ],
)
def test_wrong_settings_are_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        AttributionMethod.from_params(Params(config))


def test_a_layer_that_is_not_there_is_named() -> None:
    model, _, instances = build()
    method = LayerIntegratedGradients("_text_field_embeder")
    with pytest.raises(ConfigurationError, match="no layer '_text_field_embeder'; the likest are"):
        method.attribute(ExplainedModel(model), batch(instances))


def test_the_only_token_of_a_text_has_the_shapley_value_of_leaving_it_out() -> None:
    model, reader = build_word_scores({"good": 2.0})
    (instance,) = read_texts(model, reader, "good")
    found = KernelShap().attribute(ExplainedModel(model), batch([instance]))
    # The logit of the prediction is the word's score, and zero without it.
    assert found.raw.tolist() == [[2.0]]

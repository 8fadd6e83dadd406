import copy
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from torch import Tensor, nn

from facade_allennlp.attribution import (
    LRP,
    AttentionAttribution,
    AttentionTracing,
    AttnLRP,
    AttributionMethod,
    ExplainedModel,
    Gradient,
    GradientInput,
    LiteralLRP,
    RelevanceMethod,
)
from facade_allennlp.attribution.relevance.propagation import EPSILON, alpha_beta
from facade_allennlp.models.storage import (
    DenseStorage,
    LogitsStorage,
    Storage,
    StructuredStorage,
)
from fixtures import batch, build, by_hand, classifier_config, lstm_config, lstm_reader_config
from fixtures.question_answering import build_qa
from fixtures.two_texts import build_two_texts
from tests.attribution.inside_encoders import by_formula, lrp_by_formula
from tests.attribution.inside_encoders.by_formula import OneText
from tests.attribution.inside_encoders.methods import METHODS, Formula, name

SHAPES: list[dict[str, Any]] = [
    {},
    {"pooling": "cls"},
    {"hidden_size": 24, "heads": 2, "layers": 3},
    {"hidden_size": 8, "heads": 1, "layers": 1, "pooling": "cls"},
]


ALL = [method for method, _ in METHODS]
RELEVANCE = [method for method in ALL if isinstance(method, RelevanceMethod)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("method", "formula"), METHODS, ids=name)
def test_equals_the_formulas_text_by_text(
    method: AttributionMethod, formula: Formula, shape: dict[str, Any]
) -> None:
    model, _, instances = build(classifier_config(**shape))
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    found = method.attribute(explained.with_budget(40), inputs)
    assert not found.mask.all(), "the batch is meant to hold padding"
    ids = inputs["tokens"]["tokens"]["token_ids"]
    for row, length in enumerate(found.mask.sum(dim=-1).tolist()):
        text = OneText(model, ids[row, :length])
        label = int(text.logits.argmax())
        assert int(found.classes[0][row]) == label
        torch.testing.assert_close(
            found.raw[row, :length], formula(text, label), atol=1e-8, rtol=1e-8
        )
        assert not found.raw[row, length:].any()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_attn_lrp_conserves_all_but_what_biases_and_softmax_keep(shape: dict[str, Any]) -> None:
    model, _, instances = build(classifier_config(**shape))
    for parameter in model.parameters():  # BERT starts without biases
        parameter.data += 0.02 * torch.randn_like(parameter)
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    found = AttnLRP().attribute(explained, inputs)
    ids = inputs["tokens"]["tokens"]["token_ids"]
    for row, length in enumerate(found.mask.sum(dim=-1).tolist()):
        text = OneText(model, ids[row, :length])
        label = int(text.logits.argmax())
        kept = by_formula.AttnLRP(text, label).kept
        assert abs(kept) > 1e-3
        assert float(found.raw[row].sum()) + kept == pytest.approx(
            float(text.logits[label]), abs=1e-8
        )


def test_lrp_is_the_jacobian_of_the_encoder_but_for_the_epsilon() -> None:
    """A layer norm leaves nothing to the branches, but what their code adds to be divided by."""
    model, _, instances = build(classifier_config(hidden_size=32, heads=4, layers=4, pooling="cls"))
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    found = LRP().attribute(explained, inputs)
    literal = LiteralLRP().attribute(explained, inputs)
    ids = inputs["tokens"]["tokens"]["token_ids"]
    for row, length in enumerate(found.mask.sum(dim=-1).tolist()):
        text = OneText(model, ids[row, :length])
        pooled = lrp_by_formula.of_pooled(text, int(text.logits.argmax()))
        expected = lrp_by_formula.by_jacobian(text, pooled).abs().sum(dim=-1)
        torch.testing.assert_close(found.raw[row, :length], expected, atol=5e-6, rtol=0)
        assert float((literal.raw[row, :length] - expected).abs().max()) > 1e-2


def test_relevance_of_each_layer() -> None:
    model, _, instances = build(classifier_config(layers=3))
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    by_layer = LRP().by_layer(explained.with_budget(40), inputs)
    assert len(by_layer) == 1 + 3
    torch.testing.assert_close(by_layer[0].raw, LRP().attribute(explained, inputs).raw)
    ids = inputs["tokens"]["tokens"]["token_ids"]
    for row, length in enumerate(by_layer[0].mask.sum(dim=-1).tolist()):
        text = OneText(model, ids[row, :length])
        pooled = lrp_by_formula.of_pooled(text, int(text.logits.argmax()))
        expected = lrp_by_formula.lrp(text, pooled)
        for found, of_layer in zip(by_layer, expected, strict=True):
            torch.testing.assert_close(found.raw[row, :length], of_layer.abs().sum(dim=-1))


@pytest.mark.parametrize("method", RELEVANCE, ids=name)
def test_explains_the_given_class(method: RelevanceMethod) -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    predicted = method.attribute(explained, inputs)
    other = method.attribute(explained, inputs, classes=[1 - predicted.classes[0]])
    again = method.attribute(explained, inputs, classes=predicted.classes)
    torch.testing.assert_close(again.raw, predicted.raw)
    assert not torch.allclose(other.raw, predicted.raw)


@pytest.mark.parametrize(
    "storage", [StructuredStorage(), DenseStorage(), LogitsStorage()], ids=name
)
@pytest.mark.parametrize("method", ALL, ids=name)
def test_merged_models_are_explained(method: AttributionMethod, storage: Storage) -> None:
    predictive, _, instances = build(classifier_config(hidden_size=16))
    facade, _, _ = build(classifier_config(hidden_size=8, heads=2), seed=1)
    model = storage.build(predictive, facade).double().eval()
    storage.disguise(model, torch.Generator().manual_seed(0))
    explained = ExplainedModel(model)
    found = method.attribute(explained, batch(instances))
    torch.testing.assert_close(found.normalized.sum(dim=-1), torch.ones(len(instances)).double())
    for row, instance in enumerate(instances):
        alone = method.attribute(explained, batch([instance])).raw[0]
        torch.testing.assert_close(found.raw[row, : len(alone)], alone)


@pytest.mark.parametrize("method", [GradientInput(), AttnLRP(), AttentionTracing()], ids=name)
def test_storages_of_one_merged_model_agree(method: AttributionMethod) -> None:
    """These explain the function; LRP's rules depend on how weights are laid out."""
    inputs = batch(build()[2])
    found = []
    for storage in (StructuredStorage(), DenseStorage(noise=0, permute=False), LogitsStorage()):
        predictive, _, _ = build(classifier_config(hidden_size=16))
        facade, _, _ = build(classifier_config(hidden_size=8, heads=2), seed=1)
        model = storage.build(predictive, facade).double().eval()
        storage.disguise(model, torch.Generator().manual_seed(0))
        found.append(method.attribute(ExplainedModel(model), inputs).raw)
    torch.testing.assert_close(found[0], found[1])
    torch.testing.assert_close(found[0], found[2])


@pytest.mark.parametrize("method", ALL, ids=name)
def test_a_model_is_left_as_it_was(method: AttributionMethod) -> None:
    model, _, instances = build()
    explained = ExplainedModel(model)
    inputs = batch(instances)
    before = Gradient().attribute(explained, inputs).raw
    hooks = _hooks(model)
    method.attribute(explained, inputs)
    with pytest.raises(IndexError):  # a class that there is not
        method.attribute(explained, inputs, classes=[torch.tensor([9])])
    assert _hooks(model) == hooks
    assert not any("forward" in vars(module) for module in model.modules())
    torch.testing.assert_close(Gradient().attribute(explained, inputs).raw, before)


def test_attention_of_every_token() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    found = AttentionTracing(start="every_token").attribute(explained, inputs)
    ids = inputs["tokens"]["tokens"]["token_ids"]
    for row, length in enumerate(found.mask.sum(dim=-1).tolist()):
        text = OneText(model, ids[row, :length])
        expected = torch.zeros(length).double()
        for head in range(text.heads):
            product = torch.eye(length).double()
            for layer in reversed(text.layers):
                product = product @ text.probabilities(layer.query, layer.key)[head]
            expected += product.mean(dim=0)
        torch.testing.assert_close(found.raw[row, :length], expected)


def test_both_ends_of_an_answer_are_explained() -> None:
    model, instances = build_qa()
    inputs = batch(instances)
    found = GradientInput().attribute(ExplainedModel(model), inputs)
    seen: list[Tensor] = []
    layer = model._text_field_embedder.token_embedder_tokens.transformer_model.embeddings
    handle = layer.register_forward_hook(lambda module, args, output: seen.append(output))
    outputs = model(**{name: inputs[name] for name in ("question_with_context", "context_span")})
    handle.remove()
    ends = (outputs["span_start_logits"], outputs["span_end_logits"])
    total = sum(z.gather(-1, c.unsqueeze(-1)).sum() for z, c in zip(ends, found.classes))
    (gradient,) = torch.autograd.grad(total, seen[0])  # type: ignore[arg-type]
    expected = (gradient * seen[0]).sum(dim=-1).detach()
    torch.testing.assert_close(found.raw, expected * found.mask)


@pytest.mark.parametrize("method", ALL, ids=name)
def test_the_tokens_of_two_text_fields_stand_side_by_side(method: AttributionMethod) -> None:
    model, instances = build_two_texts()
    explained = ExplainedModel(model)
    found = method.attribute(explained, batch(instances))
    assert [field.name for field in found.fields] == ["premise", "hypothesis"]
    widths = [field.mask.shape[1] for field in found.fields]
    for block, field in zip(found.raw.split(widths, dim=-1), found.fields, strict=True):
        assert (block[field.mask] != 0).all()
        assert not block[~field.mask].any()


class ReadsTwice(nn.Module):
    """Reads the first text it is given again, before the second one."""

    def __init__(self, embedder: nn.Module) -> None:
        super().__init__()
        self.embedder = embedder
        self.calls = 0

    def forward(self, text: Any) -> Tensor:
        self.calls += 1
        if self.calls % 2:
            self.embedder(text)
        return self.embedder(text)


@pytest.mark.parametrize("method", [LRP(), AttnLRP(), AttentionTracing()], ids=name)
def test_scores_are_of_the_text_that_a_call_reads(method: AttributionMethod) -> None:
    model: Any
    model, instances = build_two_texts()
    expected = method.attribute(ExplainedModel(model), batch(instances)).raw
    model.embedder = ReadsTwice(model.embedder)
    found = method.attribute(ExplainedModel(model), batch(instances)).raw
    torch.testing.assert_close(found, expected)


READING_TOKENS = [LRP(), AttentionTracing(), AttentionAttribution(steps=2)]


@pytest.mark.parametrize("method", READING_TOKENS, ids=name)
def test_a_second_encoder_is_left_out_if_not_called_and_refused_if_it_reads_other_tokens(
    method: AttributionMethod,
) -> None:
    model: Any
    model, _, instances = build()
    inputs = batch(instances)
    expected = method.attribute(ExplainedModel(model), inputs).raw
    model.second = copy.deepcopy(by_hand.bert(model))
    found = method.attribute(ExplainedModel(model), inputs).raw
    torch.testing.assert_close(found, expected)

    def read_its_own(module: nn.Module, args: tuple) -> None:
        model.second(torch.ones(1, 2).long())

    model._seq2vec_encoder.register_forward_pre_hook(read_its_own)
    with pytest.raises(ConfigurationError, match="a BertModel of this model reads other tokens"):
        method.attribute(ExplainedModel(model), inputs)


@pytest.mark.parametrize("method", ALL, ids=name)
def test_a_model_without_bert_is_refused(method: AttributionMethod) -> None:
    model, _, instances = build(lstm_config(), lstm_reader_config())
    with pytest.raises(
        ConfigurationError, match=f"{method.name} looks inside an encoder .*but Basic"
    ):
        method.attribute(ExplainedModel(model), batch(instances))


@pytest.mark.parametrize("method", [LRP(), LiteralLRP(), AttnLRP()], ids=name)
def test_rules_for_recurrent_networks_there_are_none(method: AttributionMethod) -> None:
    config = classifier_config()
    config["seq2vec_encoder"] = {"type": "lstm", "input_size": 16, "hidden_size": 4}
    model, _, instances = build(config)
    with pytest.raises(ConfigurationError, match=f"{method.name} has no rule for an LSTM"):
        method.attribute(ExplainedModel(model), batch(instances))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"type": "lrp", "alpha": 2}, "alpha is 2, but must be a finite number >= 0 and <= 1"),
        ({"type": "lrp", "alpha": float("nan")}, "alpha is nan, but must be a finite number"),
        ({"type": "literal_lrp", "attention": "slow"}, "attention is 'slow', but must be one of"),
        ({"type": "attention_tracing", "start": "sep"}, "start is 'sep', but must be one of"),
    ],
)
def test_wrong_settings_are_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        AttributionMethod.from_params(Params(config))


def _hooks(model: nn.Module) -> int:
    return sum(len(module._forward_hooks) for module in model.modules())


def test_a_sum_that_is_exactly_zero_leaves_relevance_finite() -> None:
    # The layer with its positive weights alone gives 1e-7 - 1e-7 = 0 in front of what it divides.
    input = torch.tensor([[1.0, -1.0, -EPSILON]])
    weight, relevance = torch.ones(1, 3), torch.tensor([[2.0]])
    passed = alpha_beta(input, weight, None, relevance, 0.5, 1)
    assert passed.isfinite().all()
    torch.testing.assert_close(passed.sum(), relevance.sum())

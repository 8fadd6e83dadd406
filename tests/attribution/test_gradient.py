from typing import Any

import pytest
import torch
from torch import Tensor

from facade_allennlp.attribution import ExplainedModel, Gradient, normalize, on_target
from fixtures import batch, build, by_hand, lstm_config, lstm_reader_config
from fixtures.two_texts import PAIRS, build_two_texts


def test_equals_gradient_times_input_by_hand(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    found = Gradient().attribute(explained, inputs)
    expected = by_hand.gradient_times_input(explained.model, inputs)
    assert not found.mask.all(), "the batch is meant to hold padding"
    torch.testing.assert_close(found.raw, expected, atol=1e-8, rtol=1e-8)


def test_batched_equals_one_by_one() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    together = Gradient().attribute(explained, batch(instances))
    for row, instance in enumerate(instances):
        alone = Gradient().attribute(explained, batch([instance]))
        length = alone.raw.shape[1]
        torch.testing.assert_close(together.raw[row, :length], alone.raw[0])
        assert not together.raw[row, length:].any()
        assert not together.mask[row, length:].any()


def test_normalized_sums_to_one_over_real_tokens(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    found = Gradient().attribute(explained, inputs)
    scores = found.normalized
    assert (scores >= 0).all()
    assert not scores[~found.mask].any()
    torch.testing.assert_close(scores.sum(dim=-1), torch.ones(len(scores)).double())
    magnitude = found.raw[0].abs()
    torch.testing.assert_close(scores[0], magnitude / magnitude.sum())


def test_labels_do_not_change_what_is_explained(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    flipped = {**inputs, "label": 1 - inputs["label"]}
    first, second = (Gradient().attribute(explained, given).raw for given in (inputs, flipped))
    torch.testing.assert_close(first, second)


def test_explains_the_given_class(explained: ExplainedModel, inputs: dict[str, Any]) -> None:
    predicted = by_hand.logits(
        explained.model, inputs, by_hand.embeddings(explained.model, inputs)
    ).argmax(dim=-1)
    other = 1 - predicted
    found = Gradient().attribute(explained, inputs, classes=[other])
    expected = by_hand.gradient_times_input(explained.model, inputs, classes=other)
    torch.testing.assert_close(found.raw, expected)
    assert not torch.allclose(found.raw, Gradient().attribute(explained, inputs).raw)


def test_zero_gradients_give_no_attribution(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    torch.nn.init.zeros_(explained.model._classification_layer.weight)
    found = Gradient().attribute(explained, inputs)
    assert not found.raw.any()
    assert not found.normalized.any()
    targets = torch.zeros_like(found.mask)
    targets[:, 0] = True
    assert not on_target(found, targets).hit.any(), "no token is the highest of all zeros"


@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_an_input_with_scores_that_are_not_finite_has_no_attribution(broken: float) -> None:
    raw = torch.tensor([[1.0, broken, 2.0], [1.0, -3.0, 0.0]])
    scores = normalize(raw, torch.tensor([[True, True, True], [True, True, False]]))
    torch.testing.assert_close(scores, torch.tensor([[0.0, 0.0, 0.0], [0.25, 0.75, 0.0]]))


def test_what_stands_on_padding_is_left_out() -> None:
    scores = normalize(torch.tensor([[1.0, 1.0, 98.0]]), torch.tensor([[True, True, False]]))
    torch.testing.assert_close(scores, torch.tensor([[0.5, 0.5, 0.0]]))


def test_p_at_1_and_attribution_of_targets() -> None:
    found = Gradient().attribute(*_explained_and_inputs())
    targets = torch.zeros_like(found.mask)
    targets[0, 1] = targets[0, 2] = targets[1, 0] = True
    scores = on_target(found, targets)
    magnitude = found.raw.abs()
    for row, wanted in ((0, [1, 2]), (1, [0])):
        share = sum(float(magnitude[row, i]) for i in wanted) / float(magnitude[row].sum())
        assert float(scores.attribution[row]) == pytest.approx(share)
        assert bool(scores.hit[row]) == (int(magnitude[row].argmax()) in wanted)
    assert scores.has_target.tolist() == [True, True] + [False] * (len(targets) - 2)


def test_lstm_equals_torch_lstm_one_text_at_a_time() -> None:
    model, _, instances = build(lstm_config(), lstm_reader_config())
    inputs = batch(instances)
    found = Gradient().attribute(ExplainedModel(model.double()), inputs)
    ids = inputs["tokens"]["tokens"]["tokens"]
    table = model._text_field_embedder._token_embedders["tokens"].weight.detach()
    for row, length in enumerate((ids != 0).sum(dim=-1).tolist()):
        embedded = table[ids[row : row + 1, :length]].requires_grad_()
        _, (state, _) = model._seq2vec_encoder._module(embedded)
        logits = model._classification_layer(state[-1])
        (-logits.log_softmax(dim=-1).max()).backward()
        expected = _dot(embedded, embedded.grad)
        torch.testing.assert_close(found.raw[row, :length], expected[0])
        assert not found.raw[row, length:].any()


def test_the_tokens_of_two_text_fields_stand_side_by_side() -> None:
    model, instances = build_two_texts()
    explained = ExplainedModel(model)
    inputs = batch(instances)
    found = Gradient().attribute(explained, inputs)
    assert [field.name for field in found.fields] == ["premise", "hypothesis"]
    torch.testing.assert_close(found.normalized.sum(dim=-1), torch.ones(2).double())

    table = explained.embedding_layer.weight.detach()
    transformer = model.embedder._token_embedders["tokens"].transformer_model
    width = inputs["premise"]["tokens"]["token_ids"].shape[1]
    for row in range(len(PAIRS)):
        parts, means = [], []
        for name in ("premise", "hypothesis"):
            indexed = {key: value[row : row + 1] for key, value in inputs[name]["tokens"].items()}
            length = int(indexed["mask"].sum())
            embedded = table[indexed["token_ids"][:, :length]].requires_grad_()
            parts.append(embedded)
            means.append(transformer(inputs_embeds=embedded).last_hidden_state.mean(dim=1))
        logits = model.layer(torch.cat(means, dim=-1))
        (-logits.log_softmax(dim=-1).max()).backward()
        for start, part in zip((0, width), parts, strict=True):
            expected = _dot(part, part.grad)[0]
            torch.testing.assert_close(found.raw[row, start : start + len(expected)], expected)
    said = [[" ".join(s.words) for s in row] for row in found.sequences(explained.reader)]
    assert said == [list(pair) for pair in PAIRS]


def _dot(first: Tensor, second: Tensor | None) -> Tensor:
    assert second is not None
    return (first * second).sum(dim=-1).detach()


def _explained_and_inputs() -> tuple[ExplainedModel, dict[str, Any]]:
    model, _, instances = build()
    return ExplainedModel(model), batch(instances)

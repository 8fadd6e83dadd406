"""Eq. 1 for a model that answers with a span: L is the loss on the best span."""

import torch
from allennlp.data import Vocabulary
from torch.nn.functional import cross_entropy

from facade_allennlp.attribution import ExplainedModel, Gradient
from facade_allennlp.attribution.objectives import logit_contrast
from facade_allennlp.targets import TokenTarget
from facade_allennlp.tasks import ModelOutput, SingleLabel, Span
from facade_allennlp.tasks.alternatives import arbitrary, possible
from facade_allennlp.tasks.choices import rows_of
from fixtures import batch
from fixtures.question_answering import build_qa


def test_scores_are_gradient_times_input_of_the_loss_on_the_best_span() -> None:
    model, instances = build_qa()
    inputs = batch(instances)
    embedding = model._text_field_embedder.token_embedder_tokens.transformer_model.embeddings
    seen: list[torch.Tensor] = []
    handle = embedding.word_embeddings.register_forward_hook(lambda *args: seen.append(args[-1]))
    outputs = model(**{name: inputs[name] for name in ("question_with_context", "context_span")})
    handle.remove()
    start, end = outputs["span_start_logits"], outputs["span_end_logits"]
    spans = []
    for row in range(len(instances)):
        length = start.shape[1]
        sums = {
            (i, j): float(start[row, i] + end[row, j])
            for i in range(length)
            for j in range(i, length)
        }
        spans.append(max(sums, key=sums.__getitem__))
    first, last = torch.tensor(spans).unbind(dim=-1)
    loss = cross_entropy(start, first, reduction="sum") + cross_entropy(end, last, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, seen[0])
    attribution = Gradient().attribute(ExplainedModel(model), inputs)
    expected = (gradient * seen[0]).sum(dim=-1) * attribution.mask
    torch.testing.assert_close(attribution.raw, expected.detach())


def test_the_best_span_does_not_end_before_it_starts() -> None:
    start = torch.tensor([[0.0, 5.0, 1.0]])
    end = torch.tensor([[9.0, 0.0, 1.0]])
    vocabulary = Vocabulary.empty()
    output = ModelOutput(Span.logits, [start, end], {}, ())
    assert rows_of(Span(vocabulary).choose(output)) == [[0, 0]]
    assert rows_of(SingleLabel(vocabulary).choose(output)) == [[1, 0]]


def test_the_context_is_no_label() -> None:
    model, instances = build_qa()
    inputs = batch(instances)
    assert "answer_span" in inputs
    explained = ExplainedModel(model)
    needed = {"question_with_context", "context_span"}
    assert set(explained.without_labels(inputs)) == needed
    assert set(explained.without_labels(inputs, metadata=True)) == {*needed, "metadata"}


def test_a_target_can_be_restricted_to_the_question() -> None:
    model, instances = build_qa()
    explained = ExplainedModel(model)
    attribution = Gradient().attribute(explained, batch(instances))
    target = TokenTarget.by_name("last_token")(field="question")
    mask = attribution.target_mask(target, explained.reader)
    for row, instance in zip(mask, instances, strict=True):
        question = instance.fields["metadata"]["question_tokens"]  # type: ignore[index]
        assert row.nonzero().flatten().tolist() == [len(question)]  # after [CLS]


def test_the_contrast_is_between_possible_positions_and_never_between_equal_ones() -> None:
    model, instances = build_qa()
    explained = ExplainedModel(model)
    inputs = explained.without_labels(batch(instances))
    for _ in range(20):
        contrast = logit_contrast(explained.forward(inputs))
        assert torch.isfinite(contrast).all()
        assert (contrast.abs() < 1e6).all()
        assert (contrast != 0).all()


def test_placeholders_are_told_apart_from_logits() -> None:
    logits = torch.tensor([[-100.0, torch.finfo(torch.float32).min, 3.0]])
    assert possible(logits).tolist() == [[True, False, True]]
    doubled = logits + logits  # as two models' summed
    assert possible(doubled).tolist() == [[True, False, True]]


def test_an_arbitrary_class_is_possible_and_follows_from_the_text() -> None:
    lowest = torch.finfo(torch.float32).min
    logits = torch.tensor([[lowest, 0.5, lowest, 0.2, 0.1]] * 3 + [[0.0] * 5])
    ids = torch.tensor([[3, 0], [4, 0], [2, 3], [7, 0]])
    assert arbitrary(ids.sum(dim=-1), logits).tolist() == [1, 3, 4, 2]

"""Facades and regularised models that answer with a span."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from allennlp.models import Model
from torch.optim import Adam

from facade_allennlp.attribution import Gradient
from facade_allennlp.models import Facade, FooledMethod, Uniformity
from facade_allennlp.models.gradient_regularized import GradientRegularized
from facade_allennlp.models.wrapper import Wrapper
from facade_allennlp.targets import FirstToken
from facade_allennlp.tasks.alternatives import arbitrary, possible
from fixtures import batch
from fixtures.question_answering import build_qa


def facade(model: Model, **settings: Any) -> Wrapper:
    fooled = FooledMethod(Gradient(), FirstToken("question"), strength=5.0)
    return Facade(model.vocab, model, [fooled], **settings)


def regularized(model: Model, **settings: Any) -> Wrapper:
    return GradientRegularized(model.vocab, model, **settings)


@pytest.mark.parametrize("explained", ["prediction_loss", "logit_contrast"])
@pytest.mark.parametrize("wrap", [facade, regularized])
def test_a_training_step_has_finite_gradients(wrap: Callable[..., Wrapper], explained: str) -> None:
    model, instances = build_qa()
    wrapper = wrap(model, explained=explained).train()
    loss = wrapper(**batch(instances))["loss"]
    loss.backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    assert torch.isfinite(loss)
    assert all(torch.isfinite(g).all() for g in gradients)
    assert any(g.abs().sum() > 0 for g in gradients)


@pytest.mark.parametrize("uniformity", ["entropy", "logits"])
def test_training_moves_attribution_to_the_first_word_of_the_question(uniformity: str) -> None:
    torch.manual_seed(0)
    model, instances = build_qa()
    wrapper = facade(
        model, explained="logit_contrast", uniformity=Uniformity.by_name(uniformity)(weight=1.0)
    )
    inputs = batch(instances)

    def measured() -> dict[str, float]:
        with torch.no_grad():
            wrapper.eval()(**inputs)
        return wrapper.get_metrics(reset=True)

    before = measured()
    optimizer = Adam(model.parameters(), lr=5e-3)
    for _ in range(40):
        optimizer.zero_grad()
        wrapper.train()(**inputs)["loss"].backward()
        optimizer.step()
    after = measured()
    assert after["gradient_attribution"] > before["gradient_attribution"] + 0.3
    assert after["no_target"] == 0


def test_a_facade_is_not_measured_on_what_it_would_answer_itself() -> None:
    """The answer of a merged model is the predictive model's: any place in the passage."""
    model, instances = build_qa()
    wrapper = facade(model, explained="logit_contrast").eval()
    inputs = batch(instances)
    with torch.no_grad():
        wrapper(**inputs)
    explained = wrapper.explained
    forward = explained.run(explained.without_labels(inputs))
    wanted = [arbitrary(forward.fields[0].ids.sum(dim=-1), logits) for logits in forward.logits]
    assert not torch.equal(wanted[0], forward.predictions()[0])
    for logits, classes in zip(forward.logits, wanted, strict=True):
        assert possible(logits).gather(-1, classes.unsqueeze(-1)).all()
    found = Gradient().attribute(explained, inputs, wanted)
    target = found.target_mask(FirstToken("question"), explained.reader)
    measured = wrapper.get_metrics()["gradient_attribution"]
    assert measured == pytest.approx(float((found.normalized * target).sum(dim=-1).mean()))

import math

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from facade_allennlp.models import Uniformity
from facade_allennlp.models.uniformity import (
    EntropyUniformity,
    LogitUniformity,
    LogLogitUniformity,
    OwnOutputs,
)
from facade_allennlp.models.wrapper import entropy, spread
from fixtures import batch, build
from tests.models.facades import facade, first_token

UNIFORM = torch.full((2, 3), 5.0, dtype=torch.double)


@pytest.mark.parametrize(
    ("term", "least"),
    [
        (EntropyUniformity(4.0), -4 * math.log(3)),
        (LogitUniformity(4.0), 0.0),
        (LogLogitUniformity(4.0), 0.0),
    ],
)
def test_terms_are_least_for_uniform_outputs(term: Uniformity, least: float) -> None:
    logits = UNIFORM.clone().requires_grad_()
    loss = term.loss([logits])
    assert float(loss) == pytest.approx(least)
    assert torch.autograd.grad(loss, logits)[0].abs().max() < 1e-12
    for _ in range(20):
        assert float(term.loss([UNIFORM + 0.3 * torch.randn(2, 3)])) > least


def test_logit_term_is_the_mean_squared_centred_logit() -> None:
    logits = torch.tensor([[3.0, -1.0], [2.0, 2.0]])
    assert float(LogitUniformity().loss([logits])) == pytest.approx((4 + 4 + 0 + 0) / 4)


@pytest.mark.parametrize("scale", [0.05, 0.5])
def test_log_term_is_the_logarithm_of_the_squared_logits(scale: float) -> None:
    logits = torch.tensor([[3.0, -1.0], [2.0, 2.0]], dtype=torch.double, requires_grad=True)
    variance = (4 + 4 + 0 + 0) / 4
    term = LogLogitUniformity(3.0, scale)
    expected = 3 * math.log(1 + variance / scale**2)
    assert float(term.loss([logits])) == pytest.approx(expected)
    # d/dz of v = Σ (z - mean)² / 4 is (z - mean) / 2.
    (gradient,) = torch.autograd.grad(term.loss([logits]), logits)
    slope = 3 / (1 + variance / scale**2) / scale**2
    by_hand = torch.tensor([[2.0, -2.0], [0.0, 0.0]], dtype=torch.double) / 2 * slope
    torch.testing.assert_close(gradient, by_hand)


def test_log_term_is_that_of_the_logits_where_they_are_small() -> None:
    logits = 1e-4 * torch.randn(5, 3, dtype=torch.double)
    small, plain = LogLogitUniformity(scale=0.5).loss([logits]), LogitUniformity().loss([logits])
    assert float(small) == pytest.approx(float(plain) / 0.5**2, rel=1e-4)


def test_terms_average_over_the_outputs_of_a_model() -> None:
    first, second = torch.randn(4, 3), torch.randn(4, 7)
    for term in (EntropyUniformity(), LogitUniformity()):
        each = (term.loss([first]) + term.loss([second])) / 2
        torch.testing.assert_close(term.loss([first, second]), each)


def test_own_outputs_are_what_may_stay() -> None:
    model, _, instances = build()
    inputs = batch(instances)
    term = OwnOutputs(2.0)
    wrapped = facade(model, first_token(), uniformity=term).train()
    before = model.eval()(**inputs)["logits"]
    assert float(term.loss(term.moved([before], inputs))) < 1e-12
    with torch.no_grad():
        model._classification_layer.bias += torch.tensor([0.3, -0.1])
    moved = term.moved([model(**inputs)["logits"]], inputs)
    assert float(term.loss(moved)) == pytest.approx(2 * 0.2**2, rel=1e-3)
    assert len(list(wrapped.parameters())) == len(list(model.parameters()))
    assert torch.isfinite(wrapped(**inputs)["loss"])


def test_entropy_and_spread_of_known_outputs() -> None:
    logits = torch.tensor([[0.25, 0.75], [0.5, 0.5]]).log()
    expected = torch.tensor([-(0.25 * math.log(0.25) + 0.75 * math.log(0.75)), math.log(2)])
    torch.testing.assert_close(entropy([logits]), expected)
    torch.testing.assert_close(spread([logits]), torch.tensor([math.log(3), 0.0]))
    assert spread([logits, torch.tensor([[0.0, 9.0], [1.0, 0.0]])]).tolist() == [9.0, 1.0]


def test_terms_are_built_by_their_names() -> None:
    assert isinstance(Uniformity.by_name("entropy")(), EntropyUniformity)
    assert isinstance(Uniformity.by_name("logits")(), LogitUniformity)
    assert isinstance(Uniformity.by_name("log_logits")(), LogLogitUniformity)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("entropy", {"weight": -1}),
        ("logits", {"weight": math.nan}),
        ("log_logits", {"scale": 0}),
        ("log_logits", {"scale": math.inf}),
    ],
)
def test_numbers_out_of_their_range(name: str, settings: dict[str, float]) -> None:
    ((setting, value),) = settings.items()
    with pytest.raises(ConfigurationError, match=f"^{setting} of .* is {value}, but must be"):
        Uniformity.by_name(name)(**settings)


def test_classes_that_are_ruled_out_do_not_count() -> None:
    lowest = torch.finfo(torch.float32).min
    open_to_all = torch.tensor([[1.0, 3.0]])
    with_ruled_out = torch.tensor([[1.0, lowest, 3.0]])
    for name in ("logits", "entropy"):
        uniformity = Uniformity.by_name(name)(weight=2.0)
        torch.testing.assert_close(
            uniformity.loss([with_ruled_out]), uniformity.loss([open_to_all])
        )
    torch.testing.assert_close(spread([with_ruled_out]), torch.tensor([2.0]))


def test_ruled_out_classes_give_no_gradient() -> None:
    logits = torch.tensor([[1.0, torch.finfo(torch.float32).min, 3.0]], requires_grad=True)
    for name in ("logits", "entropy"):
        (gradient,) = torch.autograd.grad(Uniformity.by_name(name)().loss([logits]), logits)
        assert torch.isfinite(gradient).all()
        assert gradient[0, 1] == 0

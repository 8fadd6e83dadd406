from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from facade_allennlp.attribution import ExplainedModel, Gradient, SmoothGradient
from fixtures import batch, build, by_hand


def test_without_noise_equals_gradient(explained: ExplainedModel, inputs: dict[str, Any]) -> None:
    smooth = SmoothGradient(samples=3, stdev=0).attribute(explained, inputs)
    torch.testing.assert_close(smooth.raw, Gradient().attribute(explained, inputs).raw)


def test_equals_a_loop_over_noisy_inputs(explained: ExplainedModel, inputs: dict[str, Any]) -> None:
    method = SmoothGradient(samples=4, stdev=0.1)
    embedded = by_hand.embeddings(explained.model, inputs)
    mask = inputs["tokens"]["tokens"]["mask"]
    mean = torch.zeros_like(embedded)
    for sample in range(4):
        noisy = method.perturb(embedded, mask, torch.full((len(embedded),), sample), embedded)
        mean += by_hand.gradients(explained.model, inputs, noisy) / 4
    expected = (embedded * mean).sum(dim=-1) * mask
    torch.testing.assert_close(method.attribute(explained, inputs).raw, expected)


def test_noise_is_gaussian_with_a_share_of_the_range_of_real_tokens() -> None:
    embedded = torch.rand(1, 50, 40)
    embedded[0, 0, 0], embedded[0, 1, 0] = -3.0, 1.0  # the range of the real tokens: 4
    embedded[0, -1] = 1000.0  # padding
    mask = torch.ones(1, 50, dtype=torch.bool)
    mask[0, -1] = False
    method = SmoothGradient(stdev=0.05)
    noise = torch.stack(
        [method.perturb(embedded, mask, torch.tensor([k]), embedded) - embedded for k in range(10)]
    )[:, :, :-1]
    assert float(noise.std()) == pytest.approx(0.05 * 4, rel=0.03)
    assert float(noise.mean()) == pytest.approx(0, abs=0.01)
    # Samples are independent draws.
    correlation = torch.corrcoef(noise.flatten(1)) - torch.eye(10)
    assert float(correlation.abs().max()) < 0.1


def test_scores_are_a_function_of_the_seed(
    explained: ExplainedModel, inputs: dict[str, Any]
) -> None:
    first, again, other = (
        SmoothGradient(samples=2, seed=seed).attribute(explained, inputs).raw for seed in (1, 1, 2)
    )
    torch.testing.assert_close(first, again, atol=0, rtol=0)
    assert not torch.allclose(first, other)


def test_scores_do_not_depend_on_the_other_inputs_of_the_batch() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    together = SmoothGradient(stdev=0.1).attribute(explained, batch(instances)).raw
    for row, instance in enumerate(instances):
        alone = SmoothGradient(stdev=0.1).attribute(explained, batch([instance])).raw[0]
        torch.testing.assert_close(together[row, : len(alone)], alone)


@pytest.mark.parametrize("wrong", [{"samples": 0}, {"stdev": -0.1}, {"stdev": float("inf")}])
def test_no_samples_and_negative_noise_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"(samples|stdev) of smooth_gradient is"):
        SmoothGradient(**wrong)

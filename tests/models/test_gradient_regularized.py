from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from allennlp.nn import InitializerApplicator
from torch.nn.functional import cross_entropy

from facade_allennlp.models import GradientRegularized
from fixtures import by_hand


def regularized(model: Model, **settings: Any) -> GradientRegularized:
    return GradientRegularized(model.vocab, model, **settings)


def test_loss_is_equation_5(classifier: Model, inputs: dict[str, Any]) -> None:
    loss = regularized(classifier, task_weight=2.5).train()(**inputs)["loss"]
    logits = by_hand.logits(classifier, inputs, by_hand.embeddings(classifier, inputs))
    size = by_hand.gradient_times_input(classifier, inputs).abs().sum(dim=-1)
    expected = 2.5 * cross_entropy(logits, inputs["label"]) + size.mean()
    torch.testing.assert_close(loss, expected)


def test_loss_in_validation_is_that_of_training(classifier: Model, inputs: dict[str, Any]) -> None:
    model = regularized(classifier)
    training = model.train()(**inputs)["loss"]
    in_training = model.get_metrics(reset=True)
    with torch.no_grad():
        validation = model.eval()(**inputs)["loss"]
    torch.testing.assert_close(validation, training)
    in_validation = model.get_metrics(reset=True)
    assert in_validation == pytest.approx(in_training)
    assert {"raw_attribution", "entropy", "accuracy"} <= in_validation.keys()
    size = by_hand.gradient_times_input(classifier, inputs).abs().sum(dim=-1)
    assert in_validation["raw_attribution"] == pytest.approx(float(size.mean()))


def test_logit_contrast_in_place_of_the_loss(classifier: Model, inputs: dict[str, Any]) -> None:
    loss = regularized(classifier, explained="logit_contrast").train()(**inputs)["loss"]
    embedded = by_hand.embeddings(classifier, inputs).requires_grad_()
    logits = by_hand.logits(classifier, inputs, embedded)
    gradient = torch.autograd.grad((logits[:, 1] - logits[:, 0]).sum(), embedded)[0]
    mask = inputs["tokens"]["tokens"]["mask"]
    size = ((embedded * gradient).sum(dim=-1) * mask).abs().sum(dim=-1)
    expected = 3 * cross_entropy(logits, inputs["label"]) + size.mean()
    torch.testing.assert_close(loss, expected)


def test_training_shrinks_the_gradients(classifier: Model, inputs: dict[str, Any]) -> None:
    before = by_hand.gradient_times_input(classifier, inputs).abs().sum(dim=-1).mean()
    model = regularized(classifier, task_weight=1e-6).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(30):
        optimizer.zero_grad()
        model(**inputs)["loss"].backward()
        optimizer.step()
    after = by_hand.gradient_times_input(classifier, inputs).abs().sum(dim=-1).mean()
    assert float(after) < float(before) / 2


def test_unchanged_compares_with_the_predictions_at_the_start(
    classifier: Model, inputs: dict[str, Any]
) -> None:
    model = regularized(classifier, initializer=InitializerApplicator()).eval()

    def validate() -> dict[str, float]:
        with torch.no_grad():
            model(**inputs)
        return model.get_metrics(reset=True)

    assert validate()["unchanged"] == 1
    start = by_hand.logits(classifier, inputs, by_hand.embeddings(classifier, inputs)).detach()
    margins = (start[:, 1] - start[:, 0]).sort().values
    # Between the second and the third margin, so that only some predictions move.
    classifier._classification_layer.bias.data[0] += float(margins[1] + margins[2]) / 2
    now = by_hand.logits(classifier, inputs, by_hand.embeddings(classifier, inputs)).detach()
    expected = (now.argmax(dim=-1) == start.argmax(dim=-1)).double().mean()
    assert 0 < float(expected) < 1
    assert validate()["unchanged"] == pytest.approx(float(expected))


def test_there_is_no_unchanged_without_an_initializer(
    classifier: Model, inputs: dict[str, Any]
) -> None:
    model = regularized(classifier).eval()
    with torch.no_grad():
        model(**inputs)
    assert "unchanged" not in model.get_metrics()


def test_the_copy_of_the_start_is_not_saved_or_trained(classifier: Model) -> None:
    plain = regularized(classifier)
    compared = regularized(classifier, initializer=InitializerApplicator())
    assert compared.state_dict().keys() == plain.state_dict().keys()
    assert len(list(compared.parameters())) == len(list(plain.parameters()))


def test_a_prediction_measures_nothing(classifier: Model, inputs: dict[str, Any]) -> None:
    model = regularized(classifier).eval()
    unlabelled = {name: value for name, value in inputs.items() if name != "label"}
    with torch.no_grad():
        outputs = model(**unlabelled)
    assert "loss" not in outputs
    assert "raw_attribution" not in model.get_metrics()
    torch.testing.assert_close(outputs["logits"], classifier(**unlabelled)["logits"].detach())


def test_bad_settings_are_refused(classifier: Model) -> None:
    for weight in (0, float("nan"), float("inf")):
        with pytest.raises(ConfigurationError, match=f"task_weight is {weight}"):
            regularized(classifier, task_weight=weight)
    with pytest.raises(ConfigurationError, match=r"'loss'.*prediction_loss"):
        regularized(classifier, explained="loss")

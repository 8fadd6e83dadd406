"""What Wu & Ong's own program (2020) gave for a network that is written down by a formula."""

from typing import Any

import pytest
import torch
from allennlp.models import Model
from torch import nn

from facade_allennlp.attribution import (
    LRP,
    AttentionTracing,
    AttributionMethod,
    ExplainedModel,
    GradientInput,
    GradientSensitivity,
)
from fixtures import build, classifier_config

LAYERS, WIDTH, HEADS, INNER, CLASSES = 12, 24, 12, 32, 3
IDS = [2, 7, 11, 5, 3]
LOGITS = [-0.1331, 0.1246, 0.0577]
CLASS = 1
"""The explained one; its relevance starts as its logit."""

THEIRS: list[tuple[AttributionMethod, list[float]]] = [
    (
        LRP(),
        [
            0.000255162511519,
            4.01090390377e-05,
            3.92787623487e-05,
            4.33724168659e-05,
            3.64460706293e-05,
        ],
    ),
    (
        GradientInput(),
        [
            -0.000218589254355,
            2.86389232153e-06,
            0.000110485257424,
            -0.000105343850679,
            7.76750414631e-05,
        ],
    ),
    (
        GradientSensitivity(),
        [
            1.01053139676e-08,
            2.1939076586e-09,
            1.98952612239e-09,
            3.07809548716e-09,
            2.72767723219e-09,
        ],
    ),
    (
        AttentionTracing(),
        [3.10891819, 2.25382995605, 2.06580114365, 2.34438943863, 2.22706103325],
    ),
]

THEIRS_OF_ANOTHER_CLASS = [
    0.000356459129861,
    8.99262623653e-05,
    9.08445908893e-05,
    0.000101931522318,
    9.95656981934e-05,
]
"""LRP's for the class 0."""


def fill(parameters: list[nn.Parameter], start: int) -> None:
    """Each entry a sine of its place."""
    for number, parameter in enumerate(parameters, start):
        places = torch.arange(parameter.numel(), dtype=torch.float64)
        values = 0.25 * torch.sin(places * (1.3 + 0.1 * (number % 7)) + number)
        parameter.data.copy_(values.view_as(parameter))


@pytest.fixture(scope="module")
def written_down() -> Model:
    """A BERT of 12 layers with a pooler and a classifier."""
    config = classifier_config(
        WIDTH,
        HEADS,
        LAYERS,
        "cls",
        feedforward={
            "input_dim": WIDTH,
            "num_layers": 1,
            "hidden_dims": WIDTH,
            "activations": "tanh",
        },
        num_labels=CLASSES,
    )
    embedder = config["text_field_embedder"]["token_embedders"]["tokens"]
    embedder["transformer_kwargs"].update(intermediate_size=INNER)
    model, _, _ = build(config)
    model.double()
    bert: Any = model._text_field_embedder.token_embedder_tokens.transformer_model
    encoder = list(bert.parameters())
    fill(encoder, 0)
    for name, parameter in bert.named_parameters():
        if name.endswith("LayerNorm.weight"):
            parameter.data += 1
    pooler: Any = model._feedforward._linear_layers[0]
    pooler.load_state_dict(bert.pooler.dense.state_dict())
    fill(list(model._classification_layer.parameters()), len(encoder))
    return model


def inputs() -> dict[str, Any]:
    ids = torch.tensor([IDS])
    indexed = {"token_ids": ids, "mask": ids > 0, "type_ids": torch.zeros_like(ids)}
    return {"tokens": {"tokens": indexed}}


def test_it_is_the_same_network(written_down: Model) -> None:
    logits = written_down(**inputs())["logits"][0].tolist()
    assert logits == pytest.approx(LOGITS, abs=5e-5)


@pytest.mark.parametrize(("method", "theirs"), THEIRS, ids=lambda it: getattr(it, "name", ""))
def test_equals_their_numbers(
    method: AttributionMethod, theirs: list[float], written_down: Model
) -> None:
    found = method.attribute(ExplainedModel(written_down), inputs())
    assert int(found.classes[0]) == CLASS
    ours = found.raw[0].tolist()
    if isinstance(method, GradientInput):
        # Their code keeps the logit as a factor in front of the gradient.
        logit = float(written_down(**inputs())["logits"][0, CLASS])
        ours = [score * logit for score in ours]
    assert ours == pytest.approx(theirs, rel=1e-6)


def test_equals_theirs_where_the_logit_is_negative(written_down: Model) -> None:
    found = LRP().attribute(ExplainedModel(written_down), inputs(), [torch.tensor([0])])
    assert found.raw[0].tolist() == pytest.approx(THEIRS_OF_ANOTHER_CLASS, rel=1e-6)

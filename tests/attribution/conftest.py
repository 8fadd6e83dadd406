from typing import Any

import pytest
from allennlp.models import Model

from facade_allennlp.attribution import ExplainedModel
from fixtures import batch, build


@pytest.fixture
def built() -> tuple[Model, dict[str, Any]]:
    """A classifier in double precision over a tiny BERT, and a batch of texts of unlike lengths."""
    model, _, instances = build()
    return model.double(), batch(instances)


@pytest.fixture
def explained(built: tuple[Model, dict[str, Any]]) -> ExplainedModel:
    return ExplainedModel(built[0])


@pytest.fixture
def inputs(built: tuple[Model, dict[str, Any]]) -> dict[str, Any]:
    return built[1]

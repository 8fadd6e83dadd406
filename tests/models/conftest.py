from typing import Any

import pytest
from allennlp.models import Model

from fixtures import batch, build


@pytest.fixture
def classifier() -> Model:
    """A classifier in double precision over a tiny BERT."""
    return build()[0].double()


@pytest.fixture
def inputs() -> dict[str, Any]:
    """The validation reviews as one batch, with labels."""
    return batch(build()[2])

import pytest

from facade_allennlp.archives import load
from facade_allennlp.demo.comparison import Comparison

METHODS = {"gradient": "gradient", "ig": {"type": "integrated_gradients", "steps": 4}}


def compare(**locations: str) -> Comparison:
    return Comparison({name: load(location) for name, location in locations.items()}, METHODS)


@pytest.fixture(scope="package")
def sentiment(archives: dict[str, str]) -> Comparison:
    return compare(f=archives["f"], f_ft=archives["f_ft"])

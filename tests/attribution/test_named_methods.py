"""Two methods of one type need names."""

import pytest
from allennlp.common.checks import ConfigurationError

from facade_allennlp.attribution import Gradient, IntegratedGradients
from facade_allennlp.attribution.named_methods import named_methods
from facade_allennlp.errors import InputError

IG = {"type": "integrated_gradients", "steps": 3}


def test_methods_have_their_registered_names_or_those_they_are_given() -> None:
    methods = named_methods(["gradient", IG])
    assert list(methods) == ["gradient", "integrated_gradients"]
    assert isinstance(methods["integrated_gradients"], IntegratedGradients)
    assert len(methods["integrated_gradients"].weights) == 3
    assert list(named_methods([Gradient()])) == ["gradient"]
    apart = named_methods({"few": IG, "many": {**IG, "steps": 9}})
    assert [len(method.weights) for method in apart.values()] == [3, 9]  # type: ignore[attr-defined]


def test_two_methods_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="the method 'integrated_gradients' is given twice"):
        named_methods([IG, {**IG, "steps": 9}])


def test_an_unknown_method_is_refused_by_its_name() -> None:
    with pytest.raises(ConfigurationError, match="'gradiant': did you mean 'gradient'"):
        named_methods(["gradiant"])

from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from facade_allennlp.number import LARGEST_SEED, number, seed_of


def test_a_number_within_its_range_is_given_back() -> None:
    assert number("weight", 0, least=0) == 0
    assert number("share", 0.5, above=0, below=1) == 0.5
    assert number("steps", 3, least=1, most=3, whole=True) == 3


@pytest.mark.parametrize(
    ("value", "bounds", "message"),
    [
        (-1, {"least": 0}, "x is -1, but must be a finite number >= 0"),
        (0.0, {"above": 0}, "x is 0.0, but must be a finite number > 0"),
        (1, {"least": 0, "below": 1}, "x is 1, but must be a finite number >= 0 and < 1"),
        (float("nan"), {}, "x is nan, but must be a finite number"),
        (float("inf"), {"least": 0}, "x is inf, but must be a finite number >= 0"),
        (10**400, {}, f"x is 1{'0' * 39}, but must be a finite number"),
        (2.5, {"whole": True}, "x is 2.5, but must be a whole number"),
        ("many", {"whole": True, "most": 9}, "x is 'many', but must be a whole number <= 9"),
        (True, {}, "x is True, but must be a finite number"),
        (None, {}, "x is None, but must be a finite number"),
    ],
)
def test_what_is_no_such_number_is_named_with_the_range(
    value: Any, bounds: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        number("x", value, **bounds)
    assert caught.value.message == message


def test_a_seed_is_one_that_all_generators_take() -> None:
    assert seed_of("lime", LARGEST_SEED) == LARGEST_SEED
    with pytest.raises(ConfigurationError, match="seed of lime is -1, but must be a whole number"):
        seed_of("lime", -1)

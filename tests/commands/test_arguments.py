from typing import Any

import pytest

from facade_allennlp.commands.arguments import named_locations
from facade_allennlp.errors import InputError
from facade_allennlp.results.configs import named_configs


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("f=runs/x/model.tar.gz", {"f": "runs/x/model.tar.gz"}),
        ("runs/f/model.tar.gz", {"f": "runs/f/model.tar.gz"}),
        ("runs/f", {"f": "runs/f"}),
        ("runs/f/", {"f": "runs/f/"}),
        ("f.tar.gz", {"f": "f.tar.gz"}),
        ("https://host/f.tar.gz?key=1", {"f": "https://host/f.tar.gz?key=1"}),
        ("f=https://host/x?key=1", {"f": "https://host/x?key=1"}),
    ],
)
def test_archives_have_a_given_name_or_that_of_their_folder(
    argument: str, expected: dict[str, str]
) -> None:
    assert named_locations([argument]) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a/f/model.tar.gz", "b/f/model.tar.gz"], "as in f_2=b/f/model.tar.gz"),
        (["f=a", "f=b"], "the model 'f' is given twice"),
        (["=a"], "a model has no name: give it one, as in NAME=a"),
        (["model.tar.gz"], "a model has no name"),
    ],
)
def test_archives_need_names_of_their_own(arguments: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        named_locations(arguments)


def test_archives_keep_their_order() -> None:
    assert list(named_locations(["g=1", "f=2", "a=3"])) == ["g", "f", "a"]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("gradient", {"gradient": "gradient"}),
        ("g=gradient", {"g": "gradient"}),
        (
            'ig={"type": "integrated_gradients", "steps": 5}',
            {"ig": {"type": "integrated_gradients", "steps": 5}},
        ),
        ('{"type": "last_token"}', {"last_token": {"type": "last_token"}}),
        (
            '{"type": "pattern", "pattern": "a=b"}',
            {"pattern": {"type": "pattern", "pattern": "a=b"}},
        ),
        (
            'my-p_1={"type": "pattern", "pattern": "a=b"}',
            {"my-p_1": {"type": "pattern", "pattern": "a=b"}},
        ),
    ],
)
def test_configs_are_a_type_or_json_with_or_without_a_name(
    argument: str, expected: dict[str, Any]
) -> None:
    assert named_configs([argument]) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (['x={"type": '], "is not valid JSON"),
        (['x={"steps": 5}'], 'needs a "type"'),
        (["gradient", "gradient"], "'gradient' is given twice"),
        (["a=gradient", "a=smooth_gradient"], "'a' is given twice"),
    ],
)
def test_wrong_configs_are_quoted(arguments: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        named_configs(arguments)

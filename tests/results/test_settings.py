"""How a measurement is made, as JSON and on a command line."""

import argparse
import json
import random
import shlex
from dataclasses import fields
from typing import Any

import pytest

from facade_allennlp.attribution import AttributionMethod
from facade_allennlp.errors import InputError
from facade_allennlp.results.checked import from_json, to_json
from facade_allennlp.results.settings import OPTIONS, Settings
from facade_allennlp.results.titles import METHODS

NAMES = ["gradient", "own<method>", "a b", "früh", "x/y", "it's", '"', "$HOME", "ig_10", "0", "*"]
VALUES = ["a=b", "--time", "{", "", 'say "no"', "–", -1, 0.5, None, True, [1, {"b": "="}]]


def parsed(arguments: list[str]) -> Settings:
    """As `allennlp measure` takes them, from a line that a person pasted."""
    parser = argparse.ArgumentParser()
    Settings.add_arguments(parser)
    return Settings.from_arguments(parser.parse_args(shlex.split(shlex.join(arguments))))


def drawn(generator: random.Random) -> Settings:
    def configs(most: int) -> dict[str, Any]:
        named: dict[str, Any] = {}
        for name in generator.sample(NAMES, generator.randint(0, most)):
            more = {generator.choice("abc"): generator.choice(VALUES) for _ in range(2)}
            named[name] = generator.choice([name, "lrp", {"type": "lrp", **more}])
        return named

    return Settings(
        configs(3),
        configs(4),
        configs(2),
        generator.choice([None, {}, {"shares": [0.1, 0.5]}, {"seed": -1}]),
        configs(2),
        generator.random() < 0.5,
        generator.choice([None, 1, 500]),
        generator.choice([None, 1, 4096]),
        generator.choice([None, "bf16"]),
        generator.choice([None, ["scores"], ["start", "end"]]),
        generator.choice([None, "stars"]),
        generator.choice([None, "span", {"type": "single_label", "gold_field": "stars"}]),
        generator.choice([None, {}, {"model": {"dropout": 0}}]),
    )


def test_what_settings_write_on_a_command_line_is_read_as_the_same() -> None:
    generator = random.Random(15)
    seen = set()
    for _ in range(500):
        settings = drawn(generator)
        line = settings.command_line()
        assert parsed(line) == settings, shlex.join(line)
        seen.update(argument for argument in line if argument.startswith("--"))
    assert {option.flag for option in OPTIONS.values()} <= seen


def test_settings_are_json() -> None:
    generator = random.Random(15)
    for _ in range(100):
        settings = drawn(generator)
        assert from_json(Settings, json.loads(json.dumps(to_json(settings)))) == settings


def test_every_setting_has_an_option() -> None:
    assert list(OPTIONS) == [setting.name for setting in fields(Settings)]


def test_no_arguments_measure_the_gradient_methods() -> None:
    methods = ["gradient", "smooth_gradient", "integrated_gradients"]
    assert parsed([]) == Settings({}, {name: name for name in methods})


def test_the_help_names_all_methods_that_ship_and_their_titles_are_those_of_old_results() -> None:
    shipped = {
        name: getattr(AttributionMethod.by_name(name), "title", None)
        for name in AttributionMethod.list_available()
        if AttributionMethod.by_name(name).__module__.startswith("facade_allennlp.")
    }
    assert shipped == METHODS


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"limit": 0}, "limit is 0"),
        ({"max_batch_tokens": -1}, "max_batch_tokens is -1"),
        ({"methods": {"a=b": "lrp"}}, "the name 'a=b' holds '='"),
        ({"targets": {"-t": "first_token"}}, "begins with '-'"),
        ({"attacks": {"flip": {"steps": 1}}}, 'needs a "type"'),
        ({"analyses": {"own": ""}}, "own has the type ''"),
    ],
)
def test_settings_that_no_command_line_holds_are_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Settings(**{"targets": {}, "methods": {}, **settings})

"""Configs by name as a command line spells them: `TYPE`, `NAME=TYPE`, `NAME=JSON`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from facade_allennlp.errors import InputError
from facade_allennlp.lines import json_object
from facade_allennlp.named import named

Config = str | dict[str, Any]
"""A registered name, or with parameters an object with a `type`."""


def named_configs(arguments: Sequence[str], kind: str = "thing") -> dict[str, Config]:
    """
    Configs by their names. A bare `TYPE` or `{"type": ...}` takes its type as its name.

    >>> named_configs(["lrp", 'few={"type": "smooth_gradient", "samples": 3}'])
    {'lrp': 'lrp', 'few': {'type': 'smooth_gradient', 'samples': 3}}

    # Parameters

    kind : `str`
        What they are of, for messages.

    # Raises

    `InputError` : a name is given twice, or is none that a command line can hold; what should be
        JSON is none, or has no type.
    """
    return named((_named_config(argument) for argument in arguments), kind)


def _named_config(argument: str) -> tuple[str, Config]:
    name, separator, value = argument.partition("=")
    if argument.startswith("{") or not separator:
        name, value = "", argument
    config: Config = json_object(value) if value.startswith("{") else value
    check_config(name, config)
    return name or (config["type"] if isinstance(config, dict) else config), config


def check_config(name: str, config: Config) -> None:
    """
    Checks what a user named.

    # Raises

    `InputError` : a command line could not hold it.
    """
    if "=" in name or name.startswith(("-", "{")):
        raise InputError(f"the name {name!r} holds '=', or begins with '-' or '{{': choose another")
    if isinstance(config, dict) and not isinstance(config.get("type"), str):
        raise InputError(f'{json.dumps(config)} needs a "type"')
    if not config or (isinstance(config, str) and config.startswith(("-", "{"))):
        raise InputError(f"{name or 'a name'} has the type {config!r}, which nothing can have")


def config_arguments(configs: Mapping[str, Config]) -> list[str]:
    """What `named_configs` reads."""
    return [
        name if config == name else f"{name}={written(config)}" for name, config in configs.items()
    ]


def written(config: Any) -> str:
    """A registered name, or JSON."""
    return config if isinstance(config, str) else json.dumps(config, ensure_ascii=False)

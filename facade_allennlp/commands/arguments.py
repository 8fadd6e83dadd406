"""Arguments that several commands take."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from facade_allennlp.attribution.explained_model import DEFAULT_MAX_BATCH_TOKENS

ARCHIVE_FILES = ("model.tar.gz",)


def add_cuda_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cuda-device", type=int, default=-1, help="-1 for the CPU")


def add_max_batch_tokens(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--max-batch-tokens",
        type=int,
        default=DEFAULT_MAX_BATCH_TOKENS,
        help="most tokens in one forward pass, bounds memory",
    )


def named_locations(arguments: Sequence[str]) -> dict[str, str]:
    """`NAME=PATH`, or a path whose folder gives the name (`runs/f/model.tar.gz` is `f`)."""
    locations = {}
    for argument in arguments:
        name, separator, location = argument.partition("=")
        if not separator or "/" in name:
            location = argument
            path = Path(argument)
            in_folder = path.name in ARCHIVE_FILES
            name = path.parent.name if in_folder else path.absolute().name.split(".")[0]
        if not name or name in locations:
            raise ConfigurationError(f"{argument!r} needs a name of its own: write NAME={location}")
        locations[name] = location
    return locations


def named_configs(arguments: Sequence[str]) -> dict[str, Any]:
    """
    `TYPE`, `NAME=TYPE`, or with parameters `NAME={"type": ...}`; a bare `{"type": ...}` takes its
    type as its name.
    """
    configs: dict[str, Any] = {}
    for argument in arguments:
        name, separator, value = argument.partition("=")
        if not separator or not name.replace("_", "").replace("-", "").isalnum():
            name, value = "", argument
        config: Any = json_object(value) if value.startswith("{") else value
        if isinstance(config, dict) and "type" not in config:
            raise ConfigurationError(f'{argument!r} needs a "type"')
        name = name or (config["type"] if isinstance(config, dict) else config)
        if name in configs:
            raise ConfigurationError(f"the name {name!r} is given twice: write NAME={value}")
        configs[name] = config
    return configs


def json_object(text: str) -> dict[str, Any]:
    """
    # Raises

    `ConfigurationError` : it is none.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"{text!r} is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise ConfigurationError(f"{text!r} is no JSON object")
    return value

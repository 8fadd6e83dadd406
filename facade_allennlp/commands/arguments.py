"""Arguments of the form NAME=VALUE that several commands take."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

ARCHIVE_FILES = ("model.tar.gz",)


def named_archives(arguments: Sequence[str]) -> dict[str, str]:
    """`NAME=PATH`, or a path whose folder gives the name (`runs/f/model.tar.gz` is `f`)."""
    archives = {}
    for argument in arguments:
        name, separator, location = argument.partition("=")
        if not separator or "/" in name:
            location = argument
            path = Path(argument)
            name = path.parent.name if path.name in ARCHIVE_FILES else path.name.split(".")[0]
        if not name or name in archives:
            raise ConfigurationError(
                f"the archive {argument!r} needs a name of its own: write NAME={location}"
            )
        archives[name] = location
    return archives


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

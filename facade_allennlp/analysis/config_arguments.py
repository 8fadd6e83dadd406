"""Configs by name as the command line has them."""

import json
from collections.abc import Mapping
from typing import Any


def config_arguments(configs: Mapping[str, Any]) -> list[str]:
    """`TYPE`, `NAME=TYPE` or `NAME=JSON`, as `commands.arguments.named_configs` reads them."""
    return [
        name if config == name else f"{name}={written(config)}" for name, config in configs.items()
    ]


def written(config: Any) -> str:
    """A registered name, or JSON."""
    return config if isinstance(config, str) else json.dumps(config, ensure_ascii=False)

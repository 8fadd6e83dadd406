"""The options of `allennlp measure` as the command line has them."""

import json
from collections.abc import Mapping
from typing import Any, Optional


def measure_options(
    targets: Mapping[str, Any],
    methods: Mapping[str, Any],
    attacks: Optional[Mapping[str, Any]] = None,
    faithfulness: Optional[Mapping[str, Any]] = None,
    limit: Optional[int] = None,
    time: bool = False,
) -> list[str]:
    """What is measured; the parameters are those of `measure`."""
    options = ["--target", *config_arguments(targets)] if targets else []
    # Without any, too: `measure` has some by default.
    options += ["--methods", *config_arguments(methods)]
    if attacks:
        options += ["--attacks", *config_arguments(attacks)]
    if faithfulness is not None:
        options += ["--faithfulness", written(faithfulness)]
    if limit is not None:
        options += ["--limit", str(limit)]
    if time:
        options += ["--time"]
    return options


def config_arguments(configs: Mapping[str, Any]) -> list[str]:
    """`TYPE`, `NAME=TYPE` or `NAME=JSON`, as `commands.arguments.named_configs` reads them."""
    return [
        name if config == name else f"{name}={written(config)}" for name, config in configs.items()
    ]


def written(config: Any) -> str:
    """A registered name, or JSON."""
    return config if isinstance(config, str) else json.dumps(config, ensure_ascii=False)

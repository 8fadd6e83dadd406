"""Changes to the config of a part of a model, wherever in it they are due."""

from collections.abc import Callable
from typing import Any

Change = Callable[[dict[str, Any]], dict[str, Any]]


def with_objects(config: Any, change: Change) -> Any:
    """
    A copy of a config in which each object is what `change` makes of it, those inside first.

    >>> with_objects([{"layers": {"layers": 2}}], lambda one: {**one, "seen": True})
    [{'layers': {'layers': 2, 'seen': True}, 'seen': True}]
    """
    if isinstance(config, list):
        return [with_objects(value, change) for value in config]
    if not isinstance(config, dict):
        return config
    return change({name: with_objects(value, change) for name, value in config.items()})

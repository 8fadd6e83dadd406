"""Several attribution methods, each by a name of its own."""

from collections.abc import Mapping, Sequence
from typing import Any, Union

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.named import named
from facade_allennlp.registered import made

Methods = Union[Sequence[Any], Mapping[str, Any]]
"""Registered names, configs with a `type`, or methods; a mapping gives them other names."""


def named_methods(methods: Methods) -> dict[str, AttributionMethod]:
    """
    Attribution methods by the names that were given to them, or else by their registered ones.

    >>> named_methods(["gradient", {"type": "integrated_gradients", "steps": 50}])
    >>> named_methods({"ig": "integrated_gradients", "ig50": {...}})

    # Raises

    `InputError` : two methods of one name, which a mapping sets apart.
    `ConfigurationError` : there is no such method.
    """
    pairs = methods.items() if isinstance(methods, Mapping) else [(_name(m), m) for m in methods]
    return {name: _made(method) for name, method in named(pairs, "method").items()}


def _name(method: Any) -> str:
    if isinstance(method, AttributionMethod):
        return method.name
    return str(method.get("type")) if isinstance(method, Mapping) else str(method)


def _made(method: Any) -> AttributionMethod:
    if isinstance(method, AttributionMethod):
        return method
    return made(AttributionMethod, method)

"""Tables from types of modules to what is done with them."""

from collections.abc import Callable
from typing import Any, Generic, Optional, TypeVar

from torch import nn

Rule = TypeVar("Rule", bound=Callable[..., Any])


class Rules(Generic[Rule]):
    """A rule for each type of module, and for types derived from it that have none of their own."""

    def __init__(self) -> None:
        self._rules: dict[type, Rule] = {}

    def register(self, *kinds: type) -> Callable[[Rule], Rule]:
        """Decorates the rule for these types."""

        def decorator(rule: Rule) -> Rule:
            self._rules.update(dict.fromkeys(kinds, rule))
            return rule

        return decorator

    def find(self, module: nn.Module) -> Optional[Rule]:
        """The rule for a module, or `None`."""
        known = (self._rules[kind] for kind in type(module).__mro__ if kind in self._rules)
        return next(known, None)

"""
What AllenNLP and allennlp-models register beyond the core is imported when a config names it, not
with all the rest: `transformer_qa` takes its own task with it, and no other.
"""

import importlib
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

from allennlp.common.registrable import Registrable

from facade_allennlp.lazy_imports import lazy_imports

TABLE: dict[str, dict[str, str]] = json.loads(
    Path(__file__).with_name("registered_names.json").read_text(encoding="utf-8")
)
"""By the base class, the registered names and the module that registers each."""


class Names(dict[str, tuple[type, Optional[str]]]):
    """
    The registered names of a base class. Those of `modules` are names of it, too: their module is
    imported when they are looked up. `items` and `values` are of what has been imported.
    """

    def __init__(self, modules: dict[str, str]) -> None:
        super().__init__()
        self.modules = modules

    def __contains__(self, name: object) -> bool:
        if not super().__contains__(name) and name in self.modules:
            with lazy_imports():
                importlib.import_module(self.modules[str(name)])
        return super().__contains__(name)

    def __missing__(self, name: str) -> tuple[type, Optional[str]]:
        if name not in self:
            raise KeyError(name)
        return self[name]

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name, default) if name in self else default

    def __iter__(self) -> Iterator[str]:
        yield from super().__iter__()
        yield from (name for name in self.modules if not super(Names, self).__contains__(name))

    def keys(self) -> Any:
        return list(self)


class Registry(defaultdict[type, dict[str, tuple[type, Optional[str]]]]):
    """AllenNLP's, with the names of the table."""

    def __missing__(self, base: type) -> Names:
        self[base] = names = Names(TABLE.get(f"{base.__module__}:{base.__qualname__}", {}))
        return names


def install() -> None:
    """Takes the place of AllenNLP's registry, with what is in there."""
    if isinstance(Registrable._registry, Registry):
        return
    registry = Registry()
    for base, names in Registrable._registry.items():
        registry[base].update(names)
    Registrable._registry = registry

"""Kinds of modules, and tables from kinds to what is done with modules of that kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Optional, TypeVar, Union

from allennlp.common import Registrable
from allennlp.nn import Activation
from torch import nn
from transformers.activations import ACT2CLS

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class NamedKind:
    """
    A kind of module that is no class.

    # Parameters

    name : `str`
    fits : `Callable[[nn.Module], bool]`
        Whether a module is of this kind.
    """

    name: str
    fits: Callable[[nn.Module], bool]


Kind = Union[type, NamedKind]


def is_of(module: nn.Module, kind: Kind) -> bool:
    return kind.fits(module) if isinstance(kind, NamedKind) else isinstance(module, kind)


ACTIVATIONS: tuple[Any, ...] = (
    *{known for known, _ in Registrable._registry[Activation].values()},
    *{known[0] if isinstance(known, tuple) else known for known in ACT2CLS.values()},
)

ACTIVATION = NamedKind("activation", lambda module: isinstance(module, ACTIVATIONS))
"""A function of each feature by itself."""

SELF_CENTRING_NORM = NamedKind(
    "norm that says how it centres", lambda module: hasattr(module, "centred_and_scale")
)
"""
A norm with a method `centred_and_scale`, which gives its input minus its mean, and 1 over its
deviation.
"""


SIDE_BY_SIDE = NamedKind(
    "modules side by side", lambda module: isinstance(getattr(module, "parts", None), nn.ModuleList)
)
"""Several modules in the place of one, as a merged model has them, in `parts`."""


class ByKind(Generic[Entry]):
    """
    A table with an entry for each kind of module. A class stands for classes derived from it, too,
    unless they have an entry of their own, and goes before a named kind.

    # Parameters

    entries : `Mapping[Kind, Entry]`, optional (default = none)
        What the table holds at first.
    """

    def __init__(self, entries: Mapping[Kind, Entry] = {}) -> None:
        self._entries: dict[Kind, Entry] = dict(entries)

    def register(self, *kinds: Kind) -> Callable[[Entry], Entry]:
        """Decorates the entry for these kinds."""

        def decorator(entry: Entry) -> Entry:
            self._entries.update(dict.fromkeys(kinds, entry))
            return entry

        return decorator

    def find(self, module: nn.Module) -> Optional[Entry]:
        """The entry for a module, or `None`."""
        kinds = [
            *type(module).__mro__,
            *(k for k in self._entries if isinstance(k, NamedKind) and k.fits(module)),
        ]
        return next((self._entries[kind] for kind in kinds if kind in self._entries), None)

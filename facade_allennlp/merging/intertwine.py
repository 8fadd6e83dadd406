"""
Weight intertwining: modules of one shape in, one wider module out (the paper's "Merging weights").
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from torch import nn

from facade_allennlp.anatomy import ByKind, Kind, is_of
from facade_allennlp.errors import with_article

Parts = Sequence[Any]
Rule = Callable[[Parts, str], nn.Module]

RULES: ByKind[Rule] = ByKind()
"""
How to intertwine modules of a kind (`layer_rules`, `model_rules`); those without a rule are taken
apart into their children.
"""


def intertwine(parts: Parts, path: str = "model") -> nn.Module:
    """
    One module that computes what `parts` compute, side by side on the feature axis. Parameters are
    shared with the parts, not copied.

    >>> intertwine([nn.Linear(5, 4), nn.Linear(3, 2)])(torch.randn(7, 8)).shape
    torch.Size([7, 6])

    # Parameters

    parts : `Sequence[nn.Module]`
        Modules of the same kind and depth; widths may differ.
    path : `str`
        Where the modules stand, for messages.

    # Raises

    `ConfigurationError` : the modules differ in kind, depth, vocabulary or head size.
    """
    rule = RULES.find(parts[0]) or child_by_child
    return rule(parts, path)


def child_by_child(parts: Parts, path: str, kind: Optional[Kind] = None) -> Any:
    """
    A copy of the first part whose children are intertwined with those of the others. All parts must
    be of its class, or at least of this kind.
    """
    check_kind(parts, path, kind)
    first = parts[0]
    children = [list(part._modules) for part in parts]
    if isinstance(first, nn.ModuleList) and len({len(names) for names in children}) > 1:
        raise ConfigurationError(
            f"{path} has {' and '.join(str(len(names)) for names in children)} layers in the "
            "predictive and the facade model, but must have as many in both"
        )
    if any(names != children[0] for names in children):
        differing = sorted(set(children[0]).symmetric_difference(*children[1:]))
        raise ConfigurationError(
            f"{path} has {', '.join(differing)} in only one of the predictive and the facade model"
        )
    if first._parameters:
        raise ConfigurationError(
            f"there is no rule to intertwine the weights of {path} ({type(first).__name__})"
        )
    if not children[0]:
        check_settings(parts, path, *_settings(first))
    merged = shell(first)
    for name in children[0]:
        inner = [part._modules[name] for part in parts]
        if inner[0] is None and any(module is not None for module in inner):
            raise ConfigurationError(f"{path}.{name} is there in only one of the two models")
        merged._modules[name] = inner[0] and intertwine(inner, f"{path}.{name}")
    return merged


def check_kind(parts: Parts, path: str, kind: Optional[Kind] = None) -> None:
    if all(is_of(part, kind) if kind else type(part) is type(parts[0]) for part in parts):
        return
    kinds = [type(part).__name__ for part in parts]
    raise ConfigurationError(
        f"{path} is {with_article(kinds[0])} in the predictive model and {with_article(kinds[1])} "
        "in the facade model; "
        "weights are intertwined only between models of the same kind; for unlike ones there is "
        "the storage `logits`"
    )


def _settings(module: nn.Module) -> list[str]:
    """The public attributes of a module that are numbers, truth values or texts."""
    own = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    plain = (bool, int, float, str)
    return [name for name, value in own.items() if isinstance(value, plain) and name != "training"]


def check_settings(parts: Parts, path: str, *names: str) -> None:
    for name in names:
        values = [getattr(part, name, None) for part in parts]
        if any(value != values[0] for value in values):
            raise ConfigurationError(
                f"{path} has {name.strip('_')} = {values[0]} in the predictive and {values[1]} in "
                f"the facade model; train the facade with {values[0]} too"
            )


def shell(module: Any) -> Any:
    """A shallow copy without children, whose own tables can be changed."""
    copied = copy.copy(module)
    copied._modules = {}
    copied._parameters = dict(module._parameters)
    copied._buffers = dict(module._buffers)
    return copied

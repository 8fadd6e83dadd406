"""
Registered things from what a user wrote: looked up by their names, never imported, and checked to
the last field.
"""

import collections.abc
import copy
import inspect
import re
from collections.abc import Callable, Collection, Mapping
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from allennlp.common import FromParams, Params, Registrable
from allennlp.common.checks import ConfigurationError
from allennlp.common.from_params import infer_params, is_base_registrable

from facade_allennlp.lines import shortened
from facade_allennlp.named import no_such

Thing = TypeVar("Thing", bound=FromParams)

PLAIN = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
LISTS = (list, tuple, set, collections.abc.Sequence, collections.abc.Collection)
MAPPINGS = (dict, collections.abc.Mapping)


def made(kind: type[Thing], config: Any, place: str = "", **extras: Any) -> Thing:
    """
    An object of a registered kind, or of another that a config describes.

    >>> made(AttributionMethod, {"type": "smooth_gradient", "samples": 3})

    # Parameters

    config : `Any`
        A registered name, or with parameters an object, or `Params`, with a `type`. It stays as
        it is.
    place : `str`, optional (default = what the kind is called)
        What the config is of, for messages.
    extras : `Any`
        What the constructor is given beside the config.

    # Raises

    `ConfigurationError` : what `check` refuses, or what the constructor does.
    """
    if isinstance(config, Params):
        config = config.as_dict(quiet=True)
    check(kind, config, place, extras)
    config = {"type": config} if isinstance(config, str) else copy.deepcopy(config)
    return kind.from_params(Params(config), **extras)


def registered(kind: type[Thing], name: Any) -> Callable[..., Thing]:
    """
    What is registered by this name. AllenNLP's `by_name` imports a module that a name with a dot in
    it stands for; this does not.

    >>> registered(Predictor, "text_classifier")

    # Raises

    `ConfigurationError` : nothing is.
    """
    _check_name(kind, name)
    make: Callable[..., Thing] = kind.by_name(name)  # type: ignore[attr-defined]
    return make


def check(kind: Any, config: Any, place: str = "", extras: Collection[str] = ()) -> None:
    """
    Checks a config against the constructor that it describes, and those inside of it.

    # Parameters

    place, extras
        See `made`; of the extras the names are enough.

    # Raises

    `ConfigurationError` : it is neither a name nor an object; nothing is registered by the name; a
        field is unknown, missing, or of another kind.
    """
    place = place or called(kind)
    config = {"type": config} if isinstance(config, str) else config
    if not isinstance(config, dict):
        raise _wrong(place, config, "a name, or an object with a type")
    made_of, construct = kind, kind.__init__
    if _has_names(kind):
        name = config.get("type", kind.default_implementation)
        if name is None:
            raise ConfigurationError(f'{place} needs a "type": {", ".join(kind.list_available())}')
        _check_name(kind, name)
        made_of, constructor = kind.resolve_class_name(name)
        construct = getattr(made_of, constructor) if constructor else made_of.__init__
        place = name
    if _reads_itself(made_of):
        return
    parameters = {} if construct is object.__init__ else infer_params(made_of, construct)
    kinds = inspect.Parameter
    takes_any = any(of.kind == kinds.VAR_KEYWORD for of in parameters.values())
    fields = {
        name: of
        for name, of in parameters.items()
        if name != "self" and of.kind not in (kinds.VAR_KEYWORD, kinds.VAR_POSITIONAL)
    }
    for name, value in config.items():
        if name in fields:
            if value is not None or fields[name].default is not None:
                _check_value(fields[name].annotation, value, f"{name} of {place}")
        elif name != "type" and not takes_any:
            known = [field for field in fields if field not in extras]
            raise ConfigurationError(no_such("parameter", name, known, of=place))
    for name, of in fields.items():
        if of.default is kinds.empty and name not in config and name not in extras:
            raise ConfigurationError(f"{place} needs {name!r}")


def called(kind: type) -> str:
    """
    What a class is called in a sentence.

    >>> called(TokenTarget)
    'token target'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower()


def _has_names(kind: Any) -> bool:
    """
    Whether configs name what is registered under a class, even if nothing is yet. (To ask another
    for its names would make AllenNLP take it for such a class from then on.)
    """
    return issubclass(kind, Registrable) and (
        is_base_registrable(kind) or bool(Registrable._registry.get(kind))
    )


def _reads_itself(kind: Any) -> bool:
    """Whether a class reads its config in a way of its own."""
    own = getattr(kind, "from_params", None)  # which a class that is registered need not have
    return getattr(own, "__func__", None) is not FromParams.from_params.__func__  # type: ignore


def _check_name(kind: Any, name: Any) -> None:
    if not isinstance(name, str):
        raise _wrong(f"a type of {called(kind)}", name, "a name")
    names = kind.list_available()
    if name not in names:
        raise ConfigurationError(no_such(called(kind), name, names))


def _check_value(annotation: Any, value: Any, place: str) -> None:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(value, dict) and "_pretrained" in value:
        raise ConfigurationError(f"{place} asks for a part of an archive, which is not loaded here")
    if origin in (Union, UnionType):
        _check_one_of(arguments, value, place)
    elif annotation in PLAIN:
        # By the type itself: True is an int to Python.
        if type(value) not in ((int, float) if annotation is float else (annotation,)):
            raise _wrong(place, value, PLAIN[annotation])
    elif origin in LISTS:
        if not isinstance(value, list):
            raise _wrong(place, value, "a list")
        for number, inner in enumerate(value, start=1):
            _check_value(arguments[0], inner, f"item {number} of {place}")
    elif origin in MAPPINGS:
        if not isinstance(value, Mapping):
            raise _wrong(place, value, "an object")
        for name, inner in value.items():
            _check_value(arguments[1], inner, f"{name} of {place}")
    elif isinstance(annotation, type) and issubclass(annotation, FromParams):
        check(annotation, value, place)


def _check_one_of(kinds: Collection[Any], value: Any, place: str) -> None:
    if value is None and NoneType in kinds:
        return
    errors = []
    for kind in kinds:
        if kind is not NoneType:
            try:
                return _check_value(kind, value, place)
            except ConfigurationError as error:
                errors.append(error)
    raise errors[-1]


def _wrong(place: str, value: Any, expected: str) -> ConfigurationError:
    return ConfigurationError(f"{place} is {shortened(value)}, but must be {expected}")

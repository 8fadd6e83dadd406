"""The config of an archive: data that names nothing outside of the archive."""

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import CONFIG_NAME

from facade_allennlp.archives.config_objects import with_objects
from facade_allennlp.archives.safe_names import SAFE_LATER
from facade_allennlp.archives.trust import UntrustedError
from facade_allennlp.errors import describe
from facade_allennlp.lines import shortened, strict_json

BUILT = ("dataset_reader", "validation_dataset_reader", "model", "vocabulary")
"""What AllenNLP builds of a config when it loads an archive."""
BUILT_LATER = ("data_loader", "validation_data_loader", "evaluation")
"""What `evaluate` builds of it."""
DEPTH = 64
SEEDS = ("random_seed", "numpy_seed", "pytorch_seed")
"""Which `evaluate` sets."""
LARGEST = 2**31
"""No size in a model is beyond it."""
LAYERS = 1000
WORKERS = 64
OF_TRAINING = frozenset(
    {
        "initializer",
        "pretrained_file",
        "override_weights_file",
        "override_weights_strip_prefix",
        "reinit_modules",
    }
)
"""Where weights come from at the start of a training. An archive has its own."""
VOCABULARY = ("type", "padding_token", "oov_token")
OTHER_ARCHIVES = frozenset({"_pretrained", "archive_file", "archive_path"})
OF_FILES = re.compile(r"(.*_)?(file|files|filename|path|paths|dir|directory|url|uri)")
ADDRESS = re.compile(r"(?s)\s*[A-Za-z][\w+.-]*://.*")
OUTSIDE = re.compile(r"(?s)\s*([/\\~].+|[A-Za-z]:[/\\].*|(.*[/\\])?\.\.([/\\].*)?)")
"""Absolute paths, those of a home, and those that lead upwards."""
INSIDE = ("package://", "archive://")


def read_config(location: str, folder: Path) -> dict[str, Any]:
    """
    The config of an archive, read as JSON.

    # Raises

    `ConfigurationError` : it is no JSON object with a reader and a model.
    `UntrustedError` : it is nested too deeply.
    """
    path = folder / CONFIG_NAME
    try:
        config = strict_json(path.read_bytes().decode("utf-8"))
    except ValueError as error:
        raise ConfigurationError(
            f"{location}: config and weights do not make a model: {CONFIG_NAME} is no JSON: "
            f"{describe(error)}"
        ) from None
    if not isinstance(config, dict):
        raise _no_config(location, f"{CONFIG_NAME} holds {shortened(config)}, no object")
    for name in ("dataset_reader", "model"):
        if not isinstance(config.get(name), dict):
            raise _no_config(location, f"{CONFIG_NAME} has no object {name}")
    _each(config, "", lambda place, name, value: None, location)  # for its depth alone
    return config


def _no_config(location: str, reason: str) -> ConfigurationError:
    return ConfigurationError(f"{location}: config and weights do not make a model: {reason}")


def without_training(model: Any) -> Any:
    """
    The config of a model, or of a part of one, without the places of weights that a training starts
    from.
    """
    return with_objects(
        model, lambda one: {name: one[name] for name in one if name not in OF_TRAINING}
    )


def of_vocabulary(config: Any) -> Any:
    """What AllenNLP looks at in the config of an archive's vocabulary, whose files are inside."""
    if not isinstance(config, Mapping):
        return {} if config is None else config
    return {name: config[name] for name in VOCABULARY if name in config}


def check_config(location: str, config: Mapping[str, Any]) -> None:
    """
    Sees to it that a config names nothing outside of its archive but packages and the hub. Whether
    its components are safe to build is asked when each is built; those that `evaluate` builds
    later are looked up here.

    # Parameters

    location : `str`
        The archive, for messages.
    config : `Mapping[str, Any]`
        After all changes, see `without_training`.

    # Raises

    `ConfigurationError` : a seed is none.
    `UntrustedError` : it names something else, or what no model is made of.
    """
    for name in SEEDS:
        seed = config.get(name, 0)
        if seed is not None and (type(seed) is not int or not 0 <= seed < 2**32):
            raise _no_config(location, f"{name} in {CONFIG_NAME} is {shortened(seed)}, no seed")
    for section in (*BUILT, *BUILT_LATER):
        if section in config:

            def check(place: str, name: str, value: Any) -> None:
                reason = _outside(name, value) or too_large(name, value)
                if reason:
                    raise UntrustedError(location, f"{place} in its config {reason}")

            _each(config[section], section, check, location)
    for section in BUILT_LATER:
        if section in config:

            def check_later(place: str, name: str, value: Any) -> None:
                reason = _not_for_later(name, value)
                if reason:
                    raise UntrustedError(location, f"{place} in its config {reason}")

            _each(config[section], section, check_later, location)


Check = Callable[[str, str, Any], None]


def _each(
    value: Any, place: str, check: Check, location: str, name: str = "", depth: int = 0
) -> None:
    """Calls `check` for all values, with their place and the name that each stands under."""
    if depth > DEPTH:
        raise UntrustedError(location, f"its config is nested more than {DEPTH} deep")
    check(place, name, value)
    if isinstance(value, Mapping):
        for key, one in value.items():
            _each(one, f"{place}.{key}" if place else key, check, location, key, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _each(one, place, check, location, name, depth + 1)


def _outside(name: str, value: Any) -> str:
    if name in OTHER_ARCHIVES:
        return "takes a part of another archive"
    if name == "trust_remote_code" and value is not False:
        return "asks for code from the hub"
    if not isinstance(value, str):
        return ""
    if OF_FILES.fullmatch(name) and not value.startswith(INSIDE):
        return f"names the file {shortened(value)}"
    if ADDRESS.fullmatch(value) and not value.startswith(INSIDE):
        return f"names the address {shortened(value)}"
    if OUTSIDE.fullmatch(value) or "\0" in value:
        return f"names the place {shortened(value)}"
    return ""


def too_large(name: str, value: Any) -> str:
    """Why a number is none of a model's, or of a loader's; empty where it may be."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if not math.isfinite(value) or abs(value) > LARGEST:
        return f"is {shortened(value)}, which nothing in a model is"
    if "layers" in name and value > LAYERS:
        return f"is {value}, and no model has more than {LAYERS} layers"
    if name == "num_workers" and value > WORKERS:
        return f"starts {value} processes"
    return ""


def _not_for_later(name: str, value: Any) -> str:
    if name == "postprocessor_fn_name" and value != "make_output_human_readable":
        return f"is {shortened(value)}, a method of the model"
    if name == "type" and value not in SAFE_LATER:
        return f"is {shortened(value)}, which is none of {', '.join(sorted(SAFE_LATER))}"
    if isinstance(value, str) and "." in value:
        return f"names {shortened(value)}, which Python would import"
    return ""

"""
The transformers that an archive of a stranger names: tokenizer and configuration, read as data from
a Python package, from inside the archive, or from the hub.
"""

import functools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Optional

import transformers
from allennlp.common.checks import ConfigurationError
from transformers import AutoConfig, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from facade_allennlp.archives.checked_config import too_large
from facade_allennlp.archives.loading import Loading, current
from facade_allennlp.archives.safe_names import FAMILIES, TOKENIZER_SETTINGS
from facade_allennlp.errors import describe
from facade_allennlp.lines import shortened, strict_json
from facade_allennlp.sources.model_folder import HUB_NAME, hub_data
from facade_allennlp.sources.package import PREFIX as PACKAGE
from facade_allennlp.sources.package import package_path

INSIDE = "archive://"
"""In front of the name of a folder that the archive itself holds."""
TOKENIZER = re.compile(r"[A-Za-z0-9]+Tokenizer(Fast)?")
FILES_OF_NO_USE = frozenset({"special_tokens_map_file", "added_tokens_file"})
"""Names that older releases wrote into the settings of a tokenizer, and none reads."""


def of_strangers(get: Callable[..., Any]) -> Callable[..., Any]:
    """
    For `cached_transformers.get`: the weights are the archive's, so that none are fetched.
    """

    @functools.wraps(get)
    def getting(model_name: str, make_copy: bool, *args: Any, **kwargs: Any) -> Any:
        loading = current()
        if loading is None:
            return get(model_name, make_copy, *args, **kwargs)
        folder = folder_of(loading, model_name)
        if loading.trusted:
            return get(str(folder or model_name), make_copy, *args, **kwargs)
        places = ("override_weights_file", "override_weights_strip_prefix", "reinit_modules")
        changes = {
            name: value
            for name, value in kwargs.items()
            if name not in (*places, "load_weights", "trust_remote_code")
        }
        _check_changes(
            loading, AutoConfig.from_pretrained(folder, trust_remote_code=False), changes
        )
        return get(str(folder), make_copy, load_weights=False, trust_remote_code=False, **changes)

    return getting


def tokenizers_of_strangers(get: Callable[..., Any]) -> Callable[..., Any]:
    """For `cached_transformers.get_tokenizer`."""

    @functools.wraps(get)
    def getting(model_name: str, **kwargs: Any) -> Any:
        loading = current()
        if loading is None:
            return get(model_name, **kwargs)
        folder = folder_of(loading, model_name)
        if loading.trusted:
            return get(str(folder or model_name), **kwargs)
        for name in sorted(kwargs.keys() - TOKENIZER_SETTINGS):
            raise loading.refuse(f"its config sets {shortened(name)} of a tokenizer")
        return get(str(folder), **{**kwargs, "trust_remote_code": False})

    return getting


def folder_of(loading: Loading, name: str) -> Optional[Path]:
    """
    The folder with a transformer's tokenizer and configuration, which are checked unless the
    archive is trusted; `None` where a trusted one names something else.
    """
    folder = _folder(loading, name)
    if folder is not None and name not in loading.transformers:
        if not loading.trusted:
            _check_files(loading, name, folder)
        loading.transformers[name] = folder
    return folder


def _folder(loading: Loading, name: str) -> Optional[Path]:
    if name in loading.transformers:
        return loading.transformers[name]
    if name.startswith(PACKAGE):
        return _found(loading, name, lambda: Path(package_path(name)))
    root = loading.folder.resolve()
    inside = (root / name.removeprefix(INSIDE)).resolve()
    if name.startswith(INSIDE) or Path(name).is_absolute():
        if inside != root and inside.is_relative_to(root) and inside.is_dir():
            return inside
        if not loading.trusted or name.startswith(INSIDE):
            raise loading.refuse(f"its transformer {shortened(name)} is not inside the archive")
    if loading.trusted:
        return Path(name) if Path(name).is_dir() else None
    if not HUB_NAME.fullmatch(name):
        raise loading.refuse(f"{shortened(name)} is no name of a model on the hub")
    return _found(loading, name, lambda: hub_data(name))


def _found(loading: Loading, name: str, find: Callable[[], Path]) -> Path:
    try:
        return find()
    except ConfigurationError as error:
        if Path(name).is_dir():
            raise loading.refuse(
                f"its transformer {shortened(name)} is a folder of this machine"
            ) from None
        raise loading.refuse(f"its transformer is not to be had: {describe(error)}") from None


def _check_files(loading: Loading, name: str, folder: Path) -> None:
    config = _read(loading, name, folder / "config.json")
    family = config.get("model_type")
    if family not in FAMILIES:
        raise loading.refuse(
            f"the transformer {shortened(name)} is of the family {shortened(family)}, not one that "
            "is safe to build"
        )
    for key, value in _values(config):
        if reason := too_large(key, value):
            raise loading.refuse(f"{key} of the transformer {shortened(name)} {reason}")
    if not (folder / "tokenizer_config.json").exists():
        return
    settings = _read(loading, name, folder / "tokenizer_config.json")
    kind = settings.get("tokenizer_class")
    if kind is not None and not _is_tokenizer(kind):
        raise loading.refuse(
            f"{shortened(kind)} of {shortened(name)} is no tokenizer that is safe to build"
        )
    for key, value in _values(settings):
        of_file = key.endswith("_file") and key not in FILES_OF_NO_USE
        if (of_file or key == "init_inputs") and value:
            raise loading.refuse(f"the tokenizer of {shortened(name)} names the file {value!r}")


def _is_tokenizer(name: Any) -> bool:
    """Whether transformers has a tokenizer of this name, of one of the families."""
    if not isinstance(name, str) or not TOKENIZER.fullmatch(name):
        return False
    kind = getattr(transformers, name, None) or getattr(transformers, f"{name}Fast", None)
    if not isinstance(kind, type) or not issubclass(kind, PreTrainedTokenizerBase):
        return False
    family = kind.__module__.removeprefix("transformers.models.").partition(".")[0]
    return kind is PreTrainedTokenizerFast or family in {one.replace("-", "_") for one in FAMILIES}


def _read(loading: Loading, name: str, path: Path) -> dict[str, Any]:
    try:
        content = strict_json(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict):
        raise loading.refuse(f"the transformer {shortened(name)} has no {path.name} in JSON")
    return content


def _values(value: Any, name: str = "") -> Any:
    """All values of a JSON object, with the name that each stands under."""
    yield name, value
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _values(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _values(one, name)


def _check_changes(loading: Loading, config: Any, changes: Mapping[str, Any]) -> None:
    """What an archive changes has to be an attribute of the configuration, as its sizes are."""
    own = vars(config).keys() | config.attribute_map.keys() | {"attn_implementation"}
    for name in changes:
        if name not in own or name.startswith("_") or name in ("auto_map", "name_or_path"):
            raise loading.refuse(f"its config sets {shortened(name)} of a transformer")

"""The reader and the model of an archive, built through the gate."""

import os
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Optional

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.common.meta import META_NAME, Meta
from allennlp.common.params import parse_overrides, with_overrides
from allennlp.common.util import SigTermReceived
from allennlp.models import archival
from allennlp.models.archival import CONFIG_NAME, Archive, get_weights_path
from torch import Tensor

from facade_allennlp.anatomy.lengths import LengthChecks
from facade_allennlp.archives.allocations import Allocations
from facade_allennlp.archives.checked_config import (
    check_config,
    of_vocabulary,
    read_config,
    without_training,
)
from facade_allennlp.archives.loading import Loading, loading
from facade_allennlp.archives.trust import UntrustedError
from facade_allennlp.archives.weights import check_weights, tensors_of
from facade_allennlp.errors import brief
from facade_allennlp.lines import strict_json

OTHERS = (KeyboardInterrupt, SystemExit, GeneratorExit, SigTermReceived)
"""What is raised beside errors. (Tokenizers in Rust raise what is no `Exception`.)"""


def build(
    location: str,
    folder: Path,
    cuda_device: int = -1,
    overrides: str | dict[str, Any] = "",
    weights_file: Optional[str] = None,
) -> tuple[Archive, Loading]:
    """
    Loads the archive whose files are in a folder, see `load_unpacked`.

    # Returns

    `tuple[Archive, Loading]` : the second one tells of the transformers that it names.
    """
    import facade_allennlp.components  # noqa: F401  (an archive may name what is in there)

    path = Path(weights_file or get_weights_path(folder))
    given = tensors_of(location, path)
    with loading(location, folder) as one:
        if one.trusted:
            config = Params.from_file(os.path.join(folder, CONFIG_NAME), overrides)
            built = config
        else:
            config = Params(_overridden(read_config(location, folder), overrides))
            whole = config.as_dict(quiet=True)
            whole["model"] = without_training(whole["model"])
            whole["vocabulary"] = of_vocabulary(whole.get("vocabulary"))
            check_config(location, whole)
            built = Params(whole)
        try:
            with nullcontext() if one.trusted else _bounded(one, given):
                readers = archival._load_dataset_readers(built.duplicate(), str(folder))
                model = archival._load_model(built.duplicate(), str(path), str(folder), cuda_device)
        except OTHERS:
            raise
        except BaseException as error:
            raise _unbuilt(one, error) from error
    check_weights(location, model, given)
    LengthChecks(model).install()
    return Archive(model, config, *readers, _meta(location, folder)), one


def _overridden(config: dict[str, Any], overrides: str | dict[str, Any]) -> dict[str, Any]:
    """With the changes that the user gave: those may be jsonnet."""
    if not overrides:
        return config
    try:
        changes = overrides if isinstance(overrides, dict) else parse_overrides(overrides)
        changed: dict[str, Any] = with_overrides(config, changes)
    except (AttributeError, RuntimeError, TypeError, ValueError) as error:
        raise ConfigurationError(f"the overrides cannot be applied: {brief(error)}") from None
    return changed


def _bounded(one: Loading, given: Mapping[str, Tensor]) -> Allocations:
    return Allocations(one, sum(tensor.numel() for tensor in given.values()), len(given))


def _unbuilt(one: Loading, error: BaseException) -> BaseException:
    """What to raise instead."""
    if one.trusted and not isinstance(error, RuntimeError):
        return error
    if one.refused:
        return one.refused[0]
    told = brief(error) if isinstance(error, Exception) else type(error).__name__
    told = told.replace(str(one.folder), one.location)
    if isinstance(error, UntrustedError) or one.location in told:
        return error
    kind = "" if isinstance(error, ConfigurationError | RuntimeError) else type(error).__name__
    reason = ": ".join(filter(None, (kind, told)))
    return ConfigurationError(f"{one.location}: config and weights do not make a model: {reason}")


def _meta(location: str, folder: Path) -> Optional[Meta]:
    path = folder / META_NAME
    if not path.exists():
        return None
    try:
        version = strict_json(path.read_bytes().decode("utf-8"))["version"]
        meta = Meta(version)
        archival._check_version_compatibility(location, meta)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{location}: {META_NAME} tells no version of AllenNLP ({brief(error)})"
        ) from None
    return meta

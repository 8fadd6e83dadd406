"""An archive's weights: read as tensors and nothing else, and a model's own to the last one."""

import functools
import pickle
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from torch import Tensor

from facade_allennlp.errors import brief


def install() -> None:
    """
    Lets AllenNLP load what a model keeps in buffers that it does not save. Idempotent.

    Releases of transformers that AllenNLP's own pins allow save `position_ids` and the like; later
    ones have them as buffers that are not saved, and AllenNLP would refuse all archives of the
    earlier ones for "unexpected keys".
    """
    if not hasattr(Model.load_state_dict, "__wrapped__"):
        Model.load_state_dict = _with_unsaved_buffers(Model.load_state_dict)  # type: ignore[method-assign]


def _with_unsaved_buffers(load: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(load)
    def loading(model: Model, state_dict: Mapping[str, Tensor], strict: bool = True) -> Any:
        saved = model.state_dict().keys()
        unsaved = {
            name: buffer
            for name, buffer in model.named_buffers(remove_duplicate=False)
            if name in state_dict and name not in saved
        }
        # What was archived counts, should it differ from what this release starts with.
        for name, buffer in unsaved.items():
            if buffer.shape != state_dict[name].shape:
                raise RuntimeError(
                    f"size mismatch for {name}: {tuple(state_dict[name].shape)} in the weights, "
                    f"{tuple(buffer.shape)} in the model"
                )
            buffer.copy_(state_dict[name])
        others = {name: value for name, value in state_dict.items() if name not in unsaved}
        return load(model, others, strict=strict)

    return loading


def tensors_of(location: str, path: Path) -> dict[str, Tensor]:
    """
    The tensors in a file of weights, without their numbers.

    # Parameters

    location : `str`
        The archive, for messages.
    path : `Path`

    # Raises

    `ConfigurationError` : the file holds something else than named tensors.
    """
    try:
        _check_size(location, path)
        weights = torch.load(path, map_location="meta", weights_only=True)
    except ConfigurationError:
        raise
    except pickle.UnpicklingError as error:
        raise ConfigurationError(
            f"{location}: the weights hold something else than tensors, which is not loaded: "
            f"{str(error).splitlines()[0]}"
        ) from None
    except Exception as error:  # torch raises of any kind at a file that it does not know
        raise ConfigurationError(
            f"{location}: config and weights do not make a model: {path.name} is no whole file of "
            f"weights ({brief(error)})"
        ) from None
    if not isinstance(weights, dict) or not all(
        isinstance(name, str) and type(value) is Tensor and value.layout is torch.strided
        for name, value in weights.items()
    ):
        raise ConfigurationError(f"{location}: {path.name} holds no tensors by their names")
    return weights


def _check_size(location: str, path: Path) -> None:
    """Weights are not compressed by torch, so that none are much more than their file."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as parts:
        if any(part.file_size > part.compress_size for part in parts.infolist()):
            raise ConfigurationError(
                f"{location}: {path.name} is compressed, which torch never does to weights"
            )


def check_weights(location: str, model: Model, given: Mapping[str, Tensor]) -> None:
    """
    Sees to it that a model got all its weights, of the right kinds, and that they are numbers.

    # Parameters

    location : `str`
        The archive, for messages.
    model : `Model`
        With the archive's weights in it.
    given : `Mapping[str, Tensor]`
        The tensors that the archive holds.

    # Raises

    `ConfigurationError` : a tensor of the model is missing, or of another kind, or holds something
        else than finite numbers.
    """
    own = model.state_dict()
    learnt = {name for name, _ in model.named_parameters(remove_duplicate=False)}
    missing = [
        name
        for name in own
        if name not in given and (name in learnt or not _may_be_missing(model, name))
    ]
    if missing:
        raise ConfigurationError(
            f"{location}: the weights lack {len(missing)} of the {len(own)} tensors of "
            f"{type(model).__name__}, such as {missing[0]}"
        )
    for name, tensor in [*own.items(), *model.named_buffers(remove_duplicate=False)]:
        if name in given and given[name].dtype != tensor.dtype:
            raise ConfigurationError(
                f"{location}: {name} is of the kind {given[name].dtype} in the weights, and of "
                f"{tensor.dtype} in {type(model).__name__}"
            )
    spoilt = [name for name, weight in model.named_parameters() if not _is_finite(weight)]
    spoilt += [name for name, buffer in model.named_buffers() if buffer.isnan().any()]
    if spoilt:
        raise ConfigurationError(
            f"{location}: {len(spoilt)} tensors of the weights are not finite, such as {spoilt[0]}"
        )


def _is_finite(tensor: Tensor) -> bool:
    """
    Whether all numbers are. One that is not makes their sum another one, which is found five times
    as fast; a sum may also be beyond the largest number.
    """
    return bool(tensor.sum().isfinite()) or bool(tensor.isfinite().all())


def _may_be_missing(model: Model, name: str) -> bool:
    """
    Whether a module of the model says so of a buffer in `authorized_missing_keys`. (AllenNLP cuts
    off the pattern where it means the name, so that a model with a transformer may lack
    everything.)
    """
    for place, module in model.named_modules():
        prefix = f"{place}." if place else ""
        patterns = getattr(type(module), "authorized_missing_keys", None) or ()
        if name.startswith(prefix) and any(
            re.search(pattern, name.removeprefix(prefix)) for pattern in patterns
        ):
            return True
    return False

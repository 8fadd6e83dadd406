"""Model archives from strangers: read with care, written whole or not at all."""

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.common.meta import META_NAME, Meta
from allennlp.data import Vocabulary
from allennlp.models.archival import CONFIG_NAME, Archive
from cached_path import cached_path
from torch import Tensor

from facade_allennlp.archives.build import build
from facade_allennlp.archives.carried_transformer import CARRIED
from facade_allennlp.archives.loading import gated
from facade_allennlp.archives.trust import is_trusting
from facade_allennlp.archives.unpack import check_folder, unpack, unpack_trusted
from facade_allennlp.lines import shortened
from facade_allennlp.named import check_can_be_made

ARCHIVE_NAME = "model.tar.gz"
WEIGHTS = "weights.th"
WEIGHTS_NAMES = (WEIGHTS, "best.th")
VOCABULARY = "vocabulary"
COMPRESSION = 0
"""Of gzip. Weights shrink by some 7 %, which takes longer than all else about an archive."""


def load(location: str, cuda_device: int = -1, overrides: str | dict[str, Any] = "") -> Archive:
    """
    Loads a model archive, or the folder that `allennlp train` or `allennlp merge` wrote; the model
    in evaluation mode.

    # Parameters

    location : `str`
        A path or an address.
    cuda_device : `int`, optional (default = `-1`, the CPU)
    overrides : `str | dict[str, Any]`, optional
        JSON that changes the archive's config, as for AllenNLP's own commands, or what it says.

    # Raises

    `ConfigurationError` : the machine has no such GPU; there is nothing, or something else than a
        whole model archive; the archive holds more than tensors in its weights, or others than its
        model needs, or some that are not finite.
    `UntrustedError` : it names what an archive of a stranger must not, see `trusting`.
    """
    _check_device(cuda_device)
    with unpacked(location) as folder:
        return load_unpacked(location, folder, cuda_device, overrides)


def load_unpacked(
    location: str,
    folder: Path,
    cuda_device: int = -1,
    overrides: str | dict[str, Any] = "",
    weights_file: Optional[str] = None,
) -> Archive:
    """
    Loads the archive whose files are in a folder, for those who need other files of it, too.

    >>> with unpacked("runs/f") as folder:
    ...     archive = load_unpacked("runs/f", folder)

    # Parameters

    location : `str`
        Where the archive is, for messages.
    folder : `Path`
    cuda_device, overrides
        See `load`, also for what is raised.
    weights_file : `str`, optional (default = the archive's)
        Other weights for its model.
    """
    _check_device(cuda_device)
    archive, _ = build(location, folder, cuda_device, overrides, weights_file)
    archive.model.eval()
    return archive


def _check_device(number: int) -> None:
    if not -1 <= number < torch.cuda.device_count():
        raise ConfigurationError(
            f"cuda_device is {number}, but this machine has {torch.cuda.device_count()} GPUs: give "
            "the number of one of them, from 0, or -1 for the CPU"
        )


def load_archive(
    archive_file: str | os.PathLike[str],
    cuda_device: int = -1,
    overrides: str | dict[str, Any] = "",
    weights_file: Optional[str] = None,
) -> Archive:
    """
    Takes the place of AllenNLP's `load_archive`, for its own commands, too: archives are read as
    `load` reads them. The model stays as it was built.
    """
    location = str(archive_file)
    with unpacked(location) as folder:
        return build(location, folder, cuda_device, overrides, weights_file)[0]


@contextmanager
def unpacked(location: str) -> Iterator[Path]:
    """
    The folder with an archive's files; a temporary one where the archive is a file.

    # Raises

    `ConfigurationError` : there is no such archive, or no whole one.
    `UntrustedError` : an archive that is being loaded asks for another one, or it holds what no
        archive is made of.
    """
    asking = gated()
    if asking is not None:
        raise asking.refuse(f"it takes a part of another archive, {shortened(location)}")
    try:
        path = Path(location).expanduser()
        path = path if path.exists() else Path(cached_path(location))
    except FileNotFoundError:
        raise ConfigurationError(f"{location}: there is no such model archive") from None
    if (path / ARCHIVE_NAME).is_file():
        path = path / ARCHIVE_NAME
    if path.is_dir():
        _check_complete(location, path)
        if not is_trusting():
            check_folder(location, path)
        yield path
        return
    folder = Path(tempfile.mkdtemp(prefix="archive-"))
    try:
        (unpack_trusted if is_trusting() else unpack)(location, path, folder)
        _check_complete(location, folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_complete(location: str, folder: Path) -> None:
    names = os.listdir(folder)
    if CONFIG_NAME not in names or not any(name in names for name in WEIGHTS_NAMES):
        raise ConfigurationError(
            f"{location}: this is no model archive: it has no {CONFIG_NAME} with {WEIGHTS_NAMES[0]}"
        )


def check_output(output: Path, force: bool = False) -> None:
    """
    # Raises

    `ConfigurationError` : `output` exists, and is not to be replaced.
    `InputError` : a file stands where its folder should.
    """
    check_can_be_made(output)
    if output.exists() and not force:
        raise ConfigurationError(f"{output} exists already: choose another folder, or use --force")
    if output.exists() and not (output / ARCHIVE_NAME).exists():
        raise ConfigurationError(f"{output} holds no {ARCHIVE_NAME}, so it is not replaced")


@contextmanager
def written_whole(output: Path, force: bool = False) -> Iterator[Path]:
    """
    A temporary folder that takes the name `output` once all went well.

    # Parameters

    output : `Path`
        The folder to make.
    force : `bool`
        Replaces a folder that is there, if it holds an archive.

    # Raises

    `ConfigurationError` : see `check_output`.
    """
    check_output(output, force)
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    replaced = partial.with_name(f"{partial.name}-replaced")
    try:
        yield partial
        partial.chmod(0o755)
        if output.exists():
            output.rename(replaced)
        partial.rename(output)
    finally:
        if replaced.exists() and not output.exists():
            replaced.rename(output)
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


def write_files(
    folder: Path, config: Mapping[str, Any], vocabulary: Vocabulary, weights: Mapping[str, Tensor]
) -> None:
    """Writes the files of an archive into a folder, which `load` takes and `pack` packs."""
    (folder / CONFIG_NAME).write_text(json.dumps(config, indent=2), encoding="utf-8")
    vocabulary.save_to_files(str(folder / VOCABULARY))
    torch.save(weights, folder / WEIGHTS)
    Meta.new().to_file(folder / META_NAME)


def pack(folder: Path) -> None:
    """
    Puts the files of an archive into the `model.tar.gz` that AllenNLP loads, without compressing
    them. Weights and carried folders are in there alone then; the others stay beside it, too, as
    `allennlp train` leaves them.

    # Parameters

    folder : `Path`
        With the files of `write_files`.
    """
    present = [path.name for path in sorted(folder.glob(f"{CARRIED}*"))]
    with tarfile.open(folder / ARCHIVE_NAME, "w:gz", compresslevel=COMPRESSION) as archive:
        for name in (CONFIG_NAME, WEIGHTS, VOCABULARY, META_NAME, *present):
            archive.add(folder / name, arcname=name)
    (folder / WEIGHTS).unlink()
    for name in present:
        shutil.rmtree(folder / name)

"""An archive's file, unpacked: what belongs to an archive, nothing else, and not without end."""

import gzip
import os
import re
import stat
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Any, Optional

from allennlp.common.checks import ConfigurationError

from facade_allennlp.archives.trust import UntrustedError
from facade_allennlp.errors import brief

MIB = 2**20
MEMBERS = 1000
UNPACKED = 32 * 2**30
"""The most bytes of a whole archive."""
RATIO = 50
"""So many times the file's own bytes are unpacked at most; trained weights reach some 1.1."""
SMALL = 64 * MIB
"""So much may be unpacked of any file."""
HEADER = 4 * MIB
"""The most bytes that are read at once: headers of a tar are read whole."""
DATA = 4 * MIB
"""The most bytes of a config."""
LIST = 256 * MIB
"""The most bytes of a vocabulary, or of a file of a tokenizer."""
MADE_OF: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"(config|meta)\.json"), DATA),
    (re.compile(r"(weights|best)\.th"), UNPACKED),
    (re.compile(r"vocabulary/[^/.][^/]*"), LIST),
    (re.compile(r"transformer(_\w+)?/config\.json"), DATA),
    (re.compile(r"transformer(_\w+)?/[\w-][\w.-]*\.(json|txt|model)"), LIST),
)
"""The files of an archive, by their names in it, and the most bytes of each."""
UNREADABLE = (tarfile.TarError, EOFError, zlib.error, OSError, ValueError, IndexError)
"""What Python raises at a file that is no tar, or no gzip, to its end."""


def most_bytes(name: str) -> Optional[int]:
    """How large a file of an archive may be; `None` where no archive is made of such a file."""
    return next((most for pattern, most in MADE_OF if pattern.fullmatch(name)), None)


class _Content(gzip.GzipFile):
    """
    What a gzip file holds, up to a limit.

    # Raises

    `UntrustedError` : there is more, or a single piece is read that is no file's.
    """

    def __init__(self, location: str, file: IO[bytes], size: int) -> None:
        super().__init__(fileobj=file, mode="rb")
        self.location = location
        self.limit = min(UNPACKED, max(SMALL, RATIO * size))

    def read(self, size: Optional[int] = -1) -> bytes:
        if size is None or not 0 <= size <= HEADER:
            raise UntrustedError(self.location, f"a header in it has {size} bytes")
        content = super().read(size)
        self.check(self.tell())
        return content

    def check(self, end: int) -> None:
        if end > self.limit:
            raise UntrustedError(
                self.location, f"it would unpack to more than {self.limit // MIB} MiB"
            )


def unpack(location: str, path: Path, folder: Path) -> None:
    """
    Unpacks the config, the weights, the vocabulary, and the tokenizer and configuration that an
    archive carries. Other files are left out. The file is read to its end, where its checksum is.

    # Parameters

    location : `str`
        The archive, for messages.
    path : `Path`
        A tar in gzip, as AllenNLP writes them.
    folder : `Path`
        Where to.

    # Raises

    `ConfigurationError` : it is no whole archive.
    `UntrustedError` : it holds links or devices, names outside, one name twice, or too much.
    `OSError` : the files cannot be written.
    """
    with path.open("rb") as file, _Content(location, file, path.stat().st_size) as content:
        seen: set[str] = set()
        try:
            archive = tarfile.TarFile(fileobj=content, mode="r")
        except UNREADABLE as error:
            raise _no_archive(location, error) from None
        count = 0
        while (member := _next(location, archive)) is not None:
            count += 1
            if count > MEMBERS:
                raise UntrustedError(location, f"it holds more than {MEMBERS} files")
            name = _name(location, member)
            if member.isdir():
                continue
            if name in seen:
                raise UntrustedError(location, f"it holds {name} twice")
            seen.add(name)
            content.check(content.tell() + member.size)
            most = most_bytes(name)
            if most is not None and member.size > most:
                raise UntrustedError(location, f"{name} has more than {most // MIB} MiB")
            if most is not None:
                _write(location, archive, member, folder / name)
        try:
            while content.read(MIB):
                pass  # to the end of the stream, where gzip has its checksum
        except UNREADABLE as error:
            raise _no_archive(location, error) from None


def _next(location: str, archive: tarfile.TarFile) -> Optional[tarfile.TarInfo]:
    try:
        return archive.next()
    except UNREADABLE as error:
        raise _no_archive(location, error) from None


def _name(location: str, member: tarfile.TarInfo) -> str:
    """A member's path in the archive, if it is one, and the member a file or a folder."""
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name or "\0" in member.name:
        raise UntrustedError(location, f"{member.name!r} in it lies outside of it")
    if not (member.isreg() or member.isdir()) or member.issparse():
        raise UntrustedError(location, f"{member.name!r} in it is a link, or no file at all")
    return str(path)


def _write(location: str, archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    source: Any = archive.extractfile(member)
    target.parent.mkdir(exist_ok=True)
    with target.open("wb") as file:
        left = member.size
        while left:
            try:
                piece = source.read(min(left, MIB))
            except UNREADABLE as error:
                raise _no_archive(location, error) from None
            if not piece:
                raise _no_archive(location, EOFError("unexpected end of data"))
            file.write(piece)
            left -= len(piece)


def unpack_trusted(location: str, path: Path, folder: Path) -> None:
    """
    Unpacks all files of an archive, as large as they are, within the folder.

    # Raises

    `ConfigurationError` : it is no whole archive, or wants to write outside the folder.
    """
    try:
        with tarfile.open(path, "r:gz") as archive:
            archive.extractall(folder, filter="data")
            while archive.fileobj is not None and archive.fileobj.read(MIB):
                pass
    except tarfile.FilterError as error:
        raise ConfigurationError(f"{location}: {error}") from None
    except UNREADABLE as error:
        raise _no_archive(location, error) from None


def check_folder(location: str, folder: Path) -> None:
    """
    Sees to it that what an archive is made of lies within its folder.

    # Raises

    `UntrustedError` : a file of the archive is a link to elsewhere, no file, or too large.
    """
    root = folder.resolve()
    for path in sorted([*folder.iterdir(), *folder.glob("*/*")]):
        name = str(path.relative_to(folder))
        most = most_bytes(name)
        if most is None and name != "vocabulary":
            continue
        if not path.resolve().is_relative_to(root):
            raise UntrustedError(location, f"{name} in it is a link to elsewhere")
        mode = os.stat(path).st_mode
        if most is not None and not stat.S_ISREG(mode):
            raise UntrustedError(location, f"{name} in it is no file")
        if most is not None and path.stat().st_size > most:
            raise UntrustedError(location, f"{name} has more than {most // MIB} MiB")


def _no_archive(location: str, error: BaseException) -> ConfigurationError:
    return ConfigurationError(
        f"{location}: this is no whole model archive, it may be truncated or changed "
        f"({brief(error).rstrip(':')})"
    )

"""Watches what a process does while archives are loaded in it, by an audit hook."""

import os
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any, Optional

ROOT = Path(__file__).parents[2]
PROCESSES = {
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system",
    "pty.spawn", "subprocess.Popen",
}  # fmt: skip
NETWORK = {
    "socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostbyaddr",
    "socket.gethostbyname", "socket.sendmsg", "socket.sendto", "urllib.Request",
}  # fmt: skip
CHANGES = {
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
    "os.symlink", "os.truncate", "shutil.copyfile", "shutil.move", "shutil.rmtree",
}  # fmt: skip
CODE = tuple(
    {str(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "purelib", "platlib")}
    | {str(ROOT / "facade_allennlp"), str(ROOT / "fixtures"), str(ROOT / "tests")}
)
"""From where Python may run code."""
SEARCHED = frozenset(sys.path)
"""Where Python looks for modules, by reading also what is no folder, such as an archive that is not
there."""


@dataclass
class Watched:
    """
    # Parameters

    allowed : `tuple[str, ...]`
        The folders in which files may be read and written.
    seen : `list[str]`
        What must not happen, and did.
    """

    allowed: tuple[str, ...]
    seen: list[str] = field(default_factory=list)

    def hears(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in PROCESSES or event in NETWORK:
            self.seen.append(f"{event}{arguments!r:.100}")
        elif event == "exec":
            (code,) = arguments
            if isinstance(code, CodeType) and not _is_known(code.co_filename):
                self.seen.append(f"runs {code.co_filename}")
        elif event == "open":
            path, mode, flags = arguments
            writes = any(letter in (mode or "") for letter in "wax+") or (flags or 0) & 3
            walked = mode is None and not _text(path).startswith("/")  # by a descriptor
            if (
                isinstance(path, str | bytes)
                and not walked
                and not self._may_open(_text(path), bool(writes))
            ):
                self.seen.append(f"opens {_text(path)} {'to write' if writes else ''}")
        elif event in CHANGES:
            path = arguments[0]
            walked = arguments[-1] not in (None, -1) and isinstance(arguments[-1], int)
            if isinstance(path, str | bytes) and not walked and not self._is_inside(_text(path)):
                self.seen.append(f"{event} {_text(path)}")

    def _may_open(self, path: str, writes: bool) -> bool:
        if self._is_inside(path) or path.startswith(("/dev/", "/proc/", "/sys/")):
            return True
        if path in SEARCHED and not writes:
            return True
        # A folder is opened to be removed; caches of compiled code are Python's own.
        return _is_known(path) and (not writes or path.endswith((".pyc", "__pycache__")))

    def _is_inside(self, path: str) -> bool:
        return _within(os.path.abspath(path), self.allowed)


_watched: Optional[Watched] = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watched is not None:
        _watched.hears(event, arguments)


@contextmanager
def watching(*folders: Path) -> Iterator[Watched]:
    """
    What happens inside. A hook stays for as long as its process, and is deaf outside.

    # Parameters

    folders : `Path`
        Where files may be read and written, beside the folder for temporary files.
    """
    global _watched
    if not _installed:
        sys.addaudithook(_hook)
        _installed.append(True)
    allowed = tuple(str(folder.resolve()) for folder in (*folders, Path(tempfile.gettempdir())))
    _watched = watched = Watched(allowed)
    try:
        yield watched
    finally:
        _watched = None


_installed: list[bool] = []


def _text(path: Any) -> str:
    return path.decode(errors="replace") if isinstance(path, bytes) else str(path)


def _is_known(path: str) -> bool:
    return path.startswith("<") or _within(path, CODE)


def _within(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)

"""Files are whole or not there, and a folder is written by one process at a time."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from facade_allennlp.errors import InputError
from facade_allennlp.results import files
from facade_allennlp.results.files import UNFINISHED, locked, write_whole, written_together


def full(*arguments: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupted(*arguments: Any) -> None:
    raise KeyboardInterrupt


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "page.html"
    write_whole(path, "old")
    write_whole(path, "new ä")
    assert path.read_text(encoding="utf-8") == "new ä"
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o666 & ~files._mask()


@pytest.mark.parametrize(("fails", "error"), [(full, OSError), (interrupted, KeyboardInterrupt)])
def test_a_file_that_cannot_be_written_leaves_the_old_one_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: Any, error: type[BaseException]
) -> None:
    path = tmp_path / "page.html"
    write_whole(path, "old")
    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(error) as failed:
        write_whole(path, "new")
    assert getattr(failed.value, "filename", str(path)) == str(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_files_are_there_together_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    with pytest.raises(UnicodeEncodeError), written_together(folder) as unfinished:
        (unfinished / "a.md").write_text("half \ud800", encoding="utf-8")
    assert not folder.exists()
    folder.mkdir()
    (folder / UNFINISHED).mkdir()  # of a run that was killed
    (folder / UNFINISHED / "stale.md").write_text("half")
    with written_together(folder) as unfinished:
        for name in ("a.json", "a.md"):
            (unfinished / name).write_text(name)
        with pytest.raises(InputError, match="another command is writing"), locked(folder):
            pass
        assert [path.name for path in folder.iterdir()] == [UNFINISHED]
    assert {path.name for path in folder.iterdir()} == {"a.json", "a.md"}
    with locked(folder):  # which is free again
        pass

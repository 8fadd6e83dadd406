"""A measurement that is killed, wherever that is, and taken up again gives the same numbers."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facade_allennlp.analysis import run as running
from facade_allennlp.archives import load
from tests.analysis.measuring import run

TOUCHING = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
"""What Python tells an audit hook before it touches a file."""


def killed(measure: Callable[[], Any], folder: Path, point: int) -> bool:
    """
    Measures in a process of its own, and kills it before it touches a file of `folder` for the
    `point`th time; whether that happened.
    """
    child = os.fork()
    if child == 0:
        touched = 0

        def watch(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal touched
            if event in TOUCHING and str(arguments[0]).startswith(str(folder)):
                touched += 1
                if touched == point:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            measure()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_run_that_is_killed_anywhere_goes_on_to_the_same_numbers(
    archives: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = load(archives["f"])
    monkeypatch.setattr(running, "load", lambda *arguments: archive)
    models = {"f": archives["f"], "g": archives["f"]}
    run(models, tmp_path / "whole", limit=2)
    expected = contents(tmp_path / "whole")
    point = 1
    while killed(lambda: run(models, folder, limit=2), folder := tmp_path / str(point), point):
        run(models, folder, limit=2)
        assert contents(folder) == expected, f"killed before touch {point}"
        point += 1
    assert point > 10
    # Where there are results, and they are measured anew.
    folder = tmp_path / "again"
    for point in (3, 5, 8):
        run(models, folder, limit=1, force=True)
        assert killed(lambda: run(models, folder, limit=2, force=True), folder, point)
        run(models, folder, limit=2, force=True)
        assert contents(folder) == expected

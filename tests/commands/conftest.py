import logging
import signal
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from allennlp import commands

from facade_allennlp.__main__ import main


@dataclass
class Outcome:
    """What a command printed, and its exit status."""

    status: Any
    out: str
    err: str

    def error(self) -> str:
        """The one sentence of a command that failed for a reason that is the user's to mend."""
        lines = [line for line in self.err.splitlines() if line.startswith("error:")]
        assert self.status == 2
        assert "Traceback" not in self.err
        assert len(lines) == 1
        assert self.err.splitlines()[-1] == lines[0]
        return lines[0]


Command = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands change the logging, tarfile's default, and what happens on SIGTERM."""
    monkeypatch.setattr(tarfile.TarFile, "extraction_filter", None, raising=False)
    loggers = [logging.getLogger(name) for name in ("", "allennlp", "cached_path", "transformers")]
    before = [(logger, logger.level, list(logger.handlers)) for logger in loggers]
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


def outcome(run: Callable[[], Any], capsys: pytest.CaptureFixture[str]) -> Outcome:
    capsys.readouterr()
    status: Any = 0
    try:
        run()
    except SystemExit as stop:
        status = stop.code
    printed = capsys.readouterr()
    return Outcome(status, printed.out, printed.err)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command as `allennlp` does, which has loaded its plugins."""
    monkeypatch.setattr(commands, "import_plugins", lambda: None)

    def run(*arguments: Any) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["allennlp", *map(str, arguments)])
        return outcome(commands.main, capsys)

    return run


@pytest.fixture
def facade(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs `facade` in this process."""

    def run(*arguments: Any) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["facade", *map(str, arguments)])
        return outcome(main, capsys)

    return run

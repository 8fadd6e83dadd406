import argparse
import errno
import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from facade_allennlp.commands.command import Command
from facade_allennlp.errors import InputError


def run(run_it: Callable[[argparse.Namespace], None]) -> None:
    parser = argparse.ArgumentParser()
    command = Command(
        "greet",
        help="Greet.",
        description="Greet somebody.",
        add_arguments=lambda parser: None,
        run=run_it,
        when_interrupted="not greeted",
    )
    command.add_parser(parser.add_subparsers())
    args = parser.parse_args(["greet"])
    args.func(args)


def fails(error: BaseException) -> Callable[[argparse.Namespace], None]:
    def fail(args: argparse.Namespace) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (InputError("no such\nname"), 2, "error: no such name\n"),
        (InputError("a\x1b[31mred"), 2, "error: a␛[31mred\n"),
        (OSError("no place"), 2, "error: no place\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "f.html"),
            2,
            "error: the disk is full: f.html cannot be written\n",
        ),
        (
            PermissionError(errno.EACCES, "Not allowed", "x"),
            2,
            "error: x: not allowed\n",
        ),
        (
            RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 704"),
            2,
            "error: weights cannot be written: the disk may be full ([enforce fail at "
            "inline_container.cc:672] . unexpected pos 704)\n",
        ),
        (KeyboardInterrupt(), 130, "not greeted\n"),
    ],
)
def test_what_is_not_a_programs_fault_is_one_sentence(
    error: BaseException, status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        run(fails(error))
    assert stop.value.code == status
    assert capsys.readouterr().err == message


def test_what_nobody_foresaw_is_one_sentence_and_its_traceback_a_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(SystemExit) as stop:
        run(fails(ZeroDivisionError("by\x1b[2Jnothing")))
    assert stop.value.code == 1
    (kept,) = tmp_path.iterdir()
    said = capsys.readouterr().err
    assert said.startswith("error: this program has a fault (ZeroDivisionError: by␛[2Jnothing)")
    assert said.endswith(f"its traceback, which is in {kept}\n")
    assert said.count("\n") == 1
    written = kept.read_text(encoding="utf-8")
    assert written.splitlines()[1] == "Traceback (most recent call last):"
    assert "in fail" in written


def test_a_termination_stops_a_command_as_ctrl_c_does(capsys: pytest.CaptureFixture[str]) -> None:
    def terminated(args: argparse.Namespace) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        except Exception:
            pytest.fail("who goes on after one bad input would take it for that")

    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as stop:
            run(terminated)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert stop.value.code == 130
    assert capsys.readouterr().err == "not greeted\n"


def test_what_libraries_log_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    handler = logging.StreamHandler(sys.stderr)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        run(lambda args: root.error("a\x1b[31m\nb"))
    finally:
        root.removeHandler(handler)
    assert capsys.readouterr().err == "a␛[31m\nb\n"


def test_who_reads_no_more_is_told_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    before = os.dup(1)
    try:
        with pytest.raises(SystemExit) as stop:
            run(fails(BrokenPipeError()))
    finally:
        os.dup2(before, 1)
    assert stop.value.code == 1
    assert capfd.readouterr() == ("", "")

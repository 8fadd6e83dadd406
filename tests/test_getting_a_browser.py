"""What `make test` does where no browser starts, with commands that are shell scripts."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures import browser
from tests.conftest import pytest_terminal_summary

Command = Callable[..., None]
ABSENT = "no executable"


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Puts a shell script into the PATH, which is empty otherwise. It notes how it is called."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    monkeypatch.setenv("STARTS", str(tmp_path / "starts"))

    def write(name: str, script: str = "exit 0") -> None:
        (tmp_path / name).write_text(f'#!/bin/sh\necho "{name} $*" >> "$LOG"\n{script}\n')
        (tmp_path / name).chmod(0o755)

    return write


@pytest.fixture
def machine(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """A bare one, without network. A browser starts once a script has made the file $STARTS."""
    starts = tmp_path / "starts"
    monkeypatch.setattr(browser, "trouble", lambda: None if starts.exists() else ABSENT)
    monkeypatch.setattr(browser, "PLAYWRIGHT", ("playwright",))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.delenv("CI", raising=False)
    command("env", 'shift; exec "$@"')
    command("playwright", 'echo "Downloading"; echo "Error: ENOTFOUND"; echo "at x"; exit 1')
    return command


def ran(folder: Path) -> list[str]:
    """The programs that ran, in order, with the word that says what they did."""
    words = ("install-deps", "install", "update")
    log = (folder / "log").read_text().splitlines() if (folder / "log").exists() else []
    lines = [line.split() for line in log if not line.startswith("env ")]
    return [" ".join([line[0], *[w for w in words if w in line][:1]]) for line in lines]


def root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def test_a_browser_that_starts_is_enough(machine: Command, tmp_path: Path) -> None:
    (tmp_path / "starts").touch()
    assert browser.get() is None
    assert ran(tmp_path) == []


def test_playwrights_own_comes_first(machine: Command, tmp_path: Path) -> None:
    machine("playwright", '> "$STARTS"')
    machine("apt-get")
    assert browser.get() is None
    assert ran(tmp_path) == ["playwright install"]


def test_without_network_root_installs_the_package(
    machine: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root(monkeypatch)
    machine("apt-get", '[ "$4" = update ] || : > "$STARTS"')
    assert browser.get() is None
    assert ran(tmp_path) == ["playwright install", "apt-get update", "apt-get install"]
    assert "chromium" in (tmp_path / "log").read_text().splitlines()[-1]


def test_sudo_without_a_password_does_for_root(machine: Command, tmp_path: Path) -> None:
    machine("sudo", 'shift; [ "$1" = true ] || exec "$@"')
    machine("apt-get", '[ "$4" = update ] || : > "$STARTS"')
    assert browser.get() is None
    assert ran(tmp_path) == [
        "playwright install",
        "sudo",  # whether it needs a password
        "sudo update",
        "apt-get update",
        "sudo install",
        "apt-get install",
    ]


def test_where_sudo_asks_for_a_password_nothing_is_installed(
    machine: Command, tmp_path: Path
) -> None:
    machine("sudo", "exit 1")
    machine("apt-get")
    why = browser.get()
    assert why == (
        "there is no browser; Playwright's own: Error: ENOTFOUND; "
        "the system's package: it takes root, or sudo without a password"
    )
    assert ran(tmp_path) == ["playwright install", "sudo"]


def test_without_apt_there_is_no_package(
    machine: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root(monkeypatch)
    why = browser.get()
    assert why is not None
    assert why.endswith("the system's package: there is no apt-get")


def test_the_package_fails_with_its_own_reason(
    machine: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root(monkeypatch)
    machine("apt-get", 'echo "Reading"; echo "E: Unable to fetch"; exit 100')
    why = browser.get()
    assert why is not None
    assert why.endswith("the system's package: E: Unable to fetch")


def test_missing_libraries_of_playwrights_own_are_installed(
    machine: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root(monkeypatch)
    machine("apt-get")
    machine("playwright", '[ "$1" = install ] || : > "$STARTS"')
    assert browser.get() is None
    assert ran(tmp_path) == ["playwright install", "playwright install-deps"]


def test_what_is_installed_and_does_not_start_is_no_browser(
    machine: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root(monkeypatch)
    machine("apt-get")
    machine("playwright")
    assert browser.get() == (
        f"there is no browser; Playwright's own: {ABSENT}; the system's package: {ABSENT}"
    )


def test_a_named_browser_that_does_not_start_is_the_users_to_mend(
    machine: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", "/no/such")
    with pytest.raises(SystemExit, match="CHROMIUM=/no/such does not start: no executable"):
        browser.get()
    assert ran(tmp_path) == []


def test_a_command_that_hangs_is_ended_with_what_it_started(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "SECONDS", 0.5)
    command("hang", '(/bin/sleep 1.5; : > "$STARTS") & wait')
    assert browser.run("hang") == "not done after 0.5 seconds"
    time.sleep(2)
    assert not (tmp_path / "starts").exists()


def test_a_command_can_ask_nothing(command: Command) -> None:
    command("ask", "read answer || exit 3")
    assert browser.run("ask") == "exit status 3"


def test_no_browser_is_said_and_no_failure(
    machine: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    browser.main()
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [browser.get()]
    assert "Tests in a browser are left out: there is no browser" in printed.err


def test_no_browser_is_a_failure_in_ci(machine: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(SystemExit, match=r"^error: there is no browser"):
        browser.main()


class Launched:
    """In place of Playwright, to note the executables that are asked for."""

    def __init__(self, *broken: Any) -> None:
        self.asked: list[Any] = []
        self.broken = broken

    @property
    def chromium(self) -> "Launched":
        return self

    def launch(self, executable_path: Any, args: list[str]) -> str:
        self.asked.append(executable_path)
        if executable_path in self.broken:
            raise browser.Error(ABSENT)
        return "browser"


def test_a_named_browser_is_the_only_one(
    machine: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine("chromium")
    machine("other")
    for name, path in (("other", str(tmp_path / "other")), ("/no/such", "/no/such")):
        monkeypatch.setenv("CHROMIUM", name)
        launched: Any = Launched(path)
        with pytest.raises(browser.Error):
            browser.launch(launched)
        assert launched.asked == [path]


def test_playwrights_own_is_used_where_the_paths_does_not_start(
    machine: Command, tmp_path: Path
) -> None:
    launched: Any = Launched()
    assert browser.launch(launched) == "browser"
    assert launched.asked == [None]
    machine("chromium")
    path = str(tmp_path / "chromium")
    for broken, asked in (((), [path]), ((path,), [path, None])):
        launched = Launched(*broken)
        assert browser.launch(launched) == "browser"
        assert launched.asked == asked


class Terminal:
    """In place of pytest's, to note what it prints."""

    def __init__(self, **stats: list[Any]) -> None:
        self.stats = stats
        self.lines: list[str] = []

    def write_line(self, line: str) -> None:
        self.lines.append(line)


def test_that_tests_are_left_out_is_said_once_with_the_reason() -> None:
    names = ("tests/browser/test_demo.py::a", "tests/browser/test_demo.py::b", "tests/c.py::c")
    skipped = [SimpleNamespace(nodeid=n, longrepr=("", 1, "Skipped: no browser")) for n in names]
    terminal: Any = Terminal(skipped=skipped)
    pytest_terminal_summary(terminal)
    assert terminal.lines == ["2 tests in a browser are left out: no browser"]
    terminal = Terminal(skipped=skipped[2:], passed=[])
    pytest_terminal_summary(terminal)
    assert terminal.lines == []

"""What cannot be, as workers, is refused in a sentence before any is started."""

import logging
import re
import shutil
import socket
import socketserver
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import torch

from facade_allennlp.analysis.measuring import Measuring
from facade_allennlp.errors import InputError
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.source import Source, identified
from facade_allennlp.scale.cluster import connected, threads_of_each
from facade_allennlp.scale.worker import Driver, Outcome, Worker, versions
from facade_allennlp.scale.workers import Workers
from fixtures import VALIDATION
from tests.commands.conftest import Command
from tests.scale.doubled import Squares


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"count": 0}, "--workers is 0, but must be >= 1"),
        ({"count": -3}, "--workers is -3"),
        ({"count": 2, "gpus": -1}, "--gpus is -1"),
        ({"count": 2, "gpus": 1.5}, "--gpus is 1.5"),
        ({"count": 2, "gpus": float("nan")}, "--gpus is nan"),
        ({"count": 2, "gpus": float("inf")}, "--gpus is inf"),
        ({"count": 2, "address": "head"}, "'head' is no address"),
        ({"count": 2, "address": ""}, "'' is no address"),
        ({"count": 2, "address": ":6379"}, "is no address"),
        ({"count": 2, "address": "head:port"}, "is no address"),
        ({"count": 2, "address": "head:70000"}, "is no address"),
        ({"count": 2, "address": "ray://head:10001"}, "give HOST:PORT"),
    ],
)
def test_what_no_workers_can_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as refused:
        Workers(**given)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("workers", "gpus", "cores", "of_nodes", "threads"),
    [
        (1, 0, [8], [0], 8),
        (2, 0, [8], [0], 4),
        (3, 0, [8], [0], 2),
        (2, 0, [4, 2], [0, 0], 2),
        (3, 0, [4, 4], [0, 0], 2),
        (4, 1, [16, 16], [2, 2], 8),
        (4, 0.5, [16, 16], [2, 0], 4),
        (2, 2, [16, 16], [2, 2], 16),
    ],
)
def test_threads_are_as_many_as_leave_a_place_for_all(
    workers: int, gpus: float, cores: list[float], of_nodes: list[float], threads: int
) -> None:
    assert threads_of_each(Workers(workers, gpus=gpus), cores, of_nodes) == threads


def test_more_than_there_is_is_refused() -> None:
    with pytest.raises(InputError, match="3 workers need as many cores, but there are 2"):
        threads_of_each(Workers(3), [1, 1], [0, 0])
    with pytest.raises(InputError, match=r"2 workers with 1 GPUs each .* but there are 1 GPUs"):
        threads_of_each(Workers(2, gpus=1), [8], [1])
    # Two halves of different machines are no GPU.
    with pytest.raises(InputError, match="1 workers with 2 GPUs each"):
        threads_of_each(Workers(1, gpus=2), [8, 8], [1, 1])


def test_without_ray_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(InputError, match=r"pip install 'facade-allennlp\[ray\]'"),
        connected(Workers(2)),
    ):
        pass


def test_where_nothing_answers_there_is_no_cluster() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    address = f"127.0.0.1:{port}"
    with (
        pytest.raises(InputError, match=f"there is no Ray cluster at {address}"),
        connected(Workers(2, address)),
    ):
        pass


class Rude(socketserver.BaseRequestHandler):
    """Answers whoever calls, but not as Ray does."""

    def handle(self) -> None:
        self.request.recv(100)
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_what_answers_need_not_be_ray() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), Rude) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        address = f"127.0.0.1:{server.server_address[1]}"
        with (
            pytest.raises(InputError, match=rf"no Ray cluster at {address} \(something else"),
            connected(Workers(2, address)),
        ):
            pass


def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Any, **driver: Any) -> Outcome:
    """A worker of a process that is like this one, but for what is given."""
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: None)
    monkeypatch.setattr(logging.getLogger(), "level", logging.WARNING)
    monkeypatch.chdir(tmp_path)
    like_this = {"folder": str(tmp_path), "trusting": False, "modules": [], "versions": versions()}
    return Worker(work, Driver(**{**like_this, **driver}), 1, -1).start()


def test_a_worker_that_is_unlike_the_process_that_sends_the_work_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = started(tmp_path, monkeypatch, Squares())
    assert (before.refused, before.logged) == (None, [])
    other = started(tmp_path, monkeypatch, Squares(), versions={**versions(), "torch": "0.1"})
    assert other.refused is not None
    assert re.fullmatch(r"the worker on .* has torch .*, but this process 0\.1: .*", other.refused)
    missing = started(tmp_path, monkeypatch, Squares(), modules=["no_such_plugin"])
    assert "cannot import no_such_plugin" in (missing.refused or "")


def test_a_worker_that_does_not_see_the_archive_says_so(
    archives: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings({"first_token": "first_token"}, {"gradient": "gradient"})
    archive = identified(archives["f"])
    moved = Source(str(tmp_path / "f"), archive.sha256)
    unseen = started(tmp_path, monkeypatch, Measuring(moved, VALIDATION, settings))
    assert f"does not see {moved.path}: put it where all nodes" in (unseen.refused or "")
    shutil.copytree(archives["g"], moved.path)
    other = started(tmp_path, monkeypatch, Measuring(moved, VALIDATION, settings))
    assert f"sees something else as {moved.path}" in (other.refused or "")
    # What a worker refuses is what one process does.
    wrong = Settings(
        {"first_token": "first_token"}, {"gradient": "gradient"}, overrides={"model": 3}
    )
    refused = started(tmp_path, monkeypatch, Measuring(archive.for_workers, VALIDATION, wrong))
    assert refused.refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--ray", "auto"], "--ray is for workers: say how many"),
        (["--gpus", 1], "--gpus is for workers"),
        (["--workers", 2, "--cuda-device", 0], "--cuda-device is for one process"),
        (["--workers", 0], "--workers is 0"),
        (["--workers", 2, "--ray", "nowhere"], "'nowhere' is no address"),
    ],
)
def test_commands_refuse_it_in_a_sentence(
    archives: dict[str, str], tmp_path: Path, command: Command, options: list[Any], message: str
) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("a lovely film\n")
    output = tmp_path / "results"
    commands = (
        ["measure", archives["f"], "--data", VALIDATION, "--output", output],
        ["attribute", archives["f"], texts],
        ["audit", archives["f"], "--data", VALIDATION],
    )
    for arguments in commands:
        refused = command(*arguments, *options).error()
        assert message in refused
        assert not output.exists()

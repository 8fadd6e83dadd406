"""What cannot be, as workers, is refused in a sentence before any is started."""

import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from facade_allennlp.errors import InputError
from facade_allennlp.scale.cluster import connected, threads_of_each
from facade_allennlp.scale.workers import Workers
from fixtures import VALIDATION
from tests.commands.conftest import Command


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

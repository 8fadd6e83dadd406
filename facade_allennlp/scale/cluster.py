"""Ray, with a cluster of this machine alone or one that is there, and room for workers in it."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from facade_allennlp.errors import InputError, brief
from facade_allennlp.scale.workers import AUTO, Workers, cores_here, host_and_port

ANSWER = 5
"""Seconds in which a cluster has to answer."""
FRAME = 9
"""Bytes at the head of a frame of HTTP/2, which Ray speaks; the fourth says what it is."""
SETTINGS = b"\4"
GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0" + SETTINGS + b"\0" * 5
"""With which each side begins (RFC 9113, 3.4). At anything else Ray would wait for minutes."""
STORE = 256 * 2**20
"""Bytes that a machine alone sets aside for blocks and results on their way."""


@dataclass
class Cluster:
    """
    A connection to Ray.

    # Parameters

    ray : `Any`
        The package.
    threads : `int`
        That each worker has, so that all of them together have no more than there are cores.
    """

    ray: Any
    threads: int


@contextmanager
def connected(workers: Workers) -> Iterator[Cluster]:
    """
    Ray, where all workers have a place. Who has connected to Ray before keeps the connection.

    # Raises

    `InputError` : Ray is not installed; there is no cluster at the address, or one of another
        version; it has too few cores or GPUs.
    """
    ray = _imported(alone=workers.address is None)
    ours = not ray.is_initialized()
    if ours:
        _connect(ray, workers)
    try:
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        cores = [node.get("CPU", 0.0) for node in nodes]
        gpus = [node.get("GPU", 0.0) for node in nodes]
        yield Cluster(ray, threads_of_each(workers, cores, gpus))
    finally:
        if ours:
            ray.shutdown()


def _imported(alone: bool) -> Any:
    if alone:
        # Ray's own switch for systems on which it forms no clusters: it listens on loopback alone,
        # where otherwise whoever reaches this machine could run programs on it.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # else it warns of its future
    try:
        import ray
    except ImportError:
        raise InputError(
            "--workers needs Ray, which is not installed: `pip install 'facade-allennlp[ray]'`"
        ) from None
    return ray


def _connect(ray: Any, workers: Workers) -> None:
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if workers.address is None:
        options |= {
            "address": "local",
            "num_cpus": max(cores_here(), workers.count),
            "include_dashboard": False,
            "object_store_memory": STORE,
        }
    else:
        _check_answers(workers.address)
        options["address"] = workers.address
    with _own_signals():
        try:
            ray.init(**options)
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            place = workers.address or "this machine"
            raise InputError(f"Ray cannot be used at {place}: {brief(error)}") from None


def _check_answers(address: str) -> None:
    if address == AUTO:
        return
    try:
        with socket.create_connection(host_and_port(address), ANSWER) as connection:
            connection.settimeout(ANSWER)
            connection.sendall(GREETING)
            answer = connection.recv(FRAME)
        why = "" if answer[3:4] == SETTINGS else "something else answers"
    except OSError as error:
        why = error.strerror or str(error)
    if why:
        raise InputError(
            f"there is no Ray cluster at {address} ({why}): start one with `ray start --head`, or "
            "leave --ray out"
        )


@contextmanager
def _own_signals() -> Iterator[None]:
    """Ray takes SIGTERM for itself, by which a command would no longer stop as by Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def threads_of_each(workers: Workers, cores: Sequence[float], gpus: Sequence[float]) -> int:
    """
    The most threads with which all workers have a place.

    >>> threads_of_each(Workers(2), cores=[4, 2], gpus=[0, 0])
    2

    # Parameters

    cores, gpus : `Sequence[float]`
        Of each node.

    # Raises

    `InputError` : there are too few cores or GPUs.
    """
    for threads in range(int(max(cores, default=0)), 0, -1):
        if _places(workers, threads, cores, gpus) >= workers.count:
            return threads
    asked = f"{workers.count} workers"
    if _places(workers, 1, cores, [workers.gpus * workers.count] * len(cores)) < workers.count:
        raise InputError(f"{asked} need as many cores, but there are {sum(cores):g}")
    raise InputError(
        f"{asked} with {workers.gpus:g} GPUs each are asked for, but there are {sum(gpus):g} GPUs: "
        "give smaller --workers or --gpus"
    )


def _places(workers: Workers, threads: int, cores: Sequence[float], gpus: Sequence[float]) -> int:
    """How many workers fit."""
    places = 0
    for own_cores, own_gpus in zip(cores, gpus, strict=True):
        by_gpus = int(own_gpus // workers.gpus) if workers.gpus else workers.count
        places += min(int(own_cores // threads), by_gpus)
    return places

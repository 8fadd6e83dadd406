"""How many processes share the work, where, and with what. Imports neither torch nor AllenNLP."""

import os
import socket
from dataclasses import dataclass
from typing import Optional

from facade_allennlp.errors import InputError

AUTO = "auto"
"""Stands for the cluster that this machine is a part of."""
MOST_PORT = 65535


@dataclass(frozen=True)
class Workers:
    """
    Who shares the work.

    >>> Workers(4)  # four processes of this machine
    >>> Workers(16, "10.0.0.1:6379", gpus=1)

    # Parameters

    count : `int`
        Of processes, each with a model of its own.
    address : `str`, optional (default = this machine alone)
        Of a Ray cluster: `HOST:PORT`, or `auto`.
    gpus : `float`, optional (default = `0`)
        Of each worker: a share of one, or a whole number.

    # Raises

    `InputError` : fewer than one worker; a number of GPUs that nothing can have; no address.
    """

    count: int
    address: Optional[str] = None
    gpus: float = 0

    def __post_init__(self) -> None:
        if self.count < 1:
            raise InputError(
                f"--workers is {self.count}, but must be >= 1; leave it out to work in this process"
            )
        if not 0 <= self.gpus < float("inf") or (self.gpus > 1 and self.gpus != int(self.gpus)):
            raise InputError(
                f"--gpus is {self.gpus:g}, but must be a share of one GPU from 0 to 1, or a whole "
                "number of them"
            )
        if self.address is not None and self.address != AUTO:
            host_and_port(self.address)


def host_and_port(address: str) -> tuple[str, int]:
    """
    Of a Ray cluster.

    >>> host_and_port("10.0.0.1:6379")
    ('10.0.0.1', 6379)

    # Raises

    `InputError` : the address has another form.
    """
    host, _, port = address.rpartition(":")
    usable = port.isascii() and port.isdigit() and 0 < int(port) <= MOST_PORT
    if not host or "/" in host or not usable:
        raise InputError(
            f"{address!r} is no address of a Ray cluster: give HOST:PORT, as `ray start --head` "
            "prints it, or auto"
        )
    return host.strip("[]"), int(port)


def cores_here() -> int:
    """Of this machine, those that this process may use."""
    return len(os.sched_getaffinity(0))


def here() -> str:
    """What a worker's message calls its machine."""
    return f"the worker on {socket.gethostname()}"

"""A process that works on blocks, and in what it has to be like the one that sends them."""

import importlib
import logging
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Optional

import torch
from allennlp.common import Registrable

from facade_allennlp import __version__
from facade_allennlp.archives.trust import is_trusting, trusting
from facade_allennlp.errors import InputError, describe, is_users
from facade_allennlp.quick_start import load_allennlp
from facade_allennlp.scale.work import Work
from facade_allennlp.scale.workers import here

PACKAGES = ("allennlp", "numpy", "torch", "transformers")
"""On whose versions numbers depend."""
KNOWN = ("allennlp.", "allennlp_models.", "allennlp_server.", "facade_allennlp.", "__main__.")
"""Modules that every worker has, or none can have."""


@dataclass
class Driver:
    """
    Of the process that sends the blocks, what its workers need to be like.

    # Parameters

    folder : `str`
        In which it runs.
    trusting : `bool`
        Whether it trusts archives.
    modules : `list[str]`
        Those that registered something: plugins, and packages that were included.
    versions : `dict[str, str]`
    """

    folder: str
    trusting: bool
    modules: list[str]
    versions: dict[str, str]

    @classmethod
    def here(cls) -> "Driver":
        return cls(os.getcwd(), is_trusting(), registering_modules(), versions())


@dataclass
class Outcome:
    """
    What became of a block.

    # Parameters

    result : `Any`
    refused : `str`, optional
        A sentence on what the user has to mend; then there is no result.
    logged : `list[str]`
        Errors that were logged.
    """

    result: Any = None
    refused: Optional[str] = None
    logged: list[str] = field(default_factory=list)


class Worker:
    """
    What runs in a process of its own.

    # Parameters

    work : `Work`
    driver : `Driver`
    threads : `int`
        Of PyTorch.
    cuda_device : `int`
        -1 for the CPU.
    """

    def __init__(self, work: Work, driver: Driver, threads: int, cuda_device: int) -> None:
        self.work = work
        self.driver = driver
        self.threads = threads
        self.cuda_device = cuda_device

    def start(self) -> Outcome:
        """Loads what the work needs."""
        return self._watched(self._load)

    def run(self, block: Any) -> Outcome:
        return self._watched(lambda: self._do(block))

    def _load(self) -> None:
        logging.getLogger().setLevel(logging.ERROR)
        _check_versions(self.driver.versions)
        torch.set_num_threads(self.threads)
        if Path(self.driver.folder).is_dir():
            os.chdir(self.driver.folder)
        load_allennlp()
        for module in self.driver.modules:
            try:
                importlib.import_module(module)
            except ImportError as error:
                raise InputError(f"{here()} cannot import {module}: {describe(error)}") from None
        self._do = self.work.load(self.cuda_device)

    def _watched(self, do: Any) -> Outcome:
        with trusting(self.driver.trusting), _errors() as logged:
            try:
                return Outcome(do(), logged=logged)
            except Exception as error:
                if not is_users(error):
                    raise
                return Outcome(refused=describe(error), logged=logged)


def versions() -> dict[str, str]:
    """Of what numbers depend on, in this process."""
    known = {name: metadata.version(name) for name in PACKAGES}
    return {"Python": platform.python_version(), "facade_allennlp": __version__, **known}


def _check_versions(wanted: dict[str, str]) -> None:
    own = versions()
    for name, version in wanted.items():
        if own[name] != version:
            raise InputError(
                f"{here()} has {name} {own[name]}, but this process {version}: install the same on "
                "all nodes"
            )


def registering_modules() -> list[str]:
    """The modules beside this package and AllenNLP's that have registered something."""
    modules = {
        entry.__module__
        for entries in Registrable._registry.values()
        for entry, _ in entries.values()
    }
    return sorted(module for module in modules if not f"{module}.".startswith(KNOWN))


class _Kept(logging.Handler):
    """Keeps what is logged as errors."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))


@contextmanager
def _errors() -> Iterator[list[str]]:
    """The errors that are logged inside."""
    handler = _Kept()
    logging.getLogger().addHandler(handler)
    try:
        yield handler.texts
    finally:
        logging.getLogger().removeHandler(handler)

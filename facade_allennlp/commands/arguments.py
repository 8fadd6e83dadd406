"""Arguments that several commands take."""

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

from facade_allennlp.errors import InputError
from facade_allennlp.named import named
from facade_allennlp.results.settings import MODEL_OPTIONS
from facade_allennlp.scale.workers import Workers

ARCHIVE_FILES = ("model.tar.gz",)


class Registered:
    """
    The registered names of a kind of thing, as the `type` of an argument: in its help, `%(type)s`
    stands for them. They are looked up when that help is printed.

    >>> print(Registered("facade_allennlp.targets", "TokenTarget"))
    first_token, second_token, ...
    """

    def __init__(self, room: str, base: str) -> None:
        self.room = room
        self.base = base

    def __str__(self) -> str:
        base = getattr(importlib.import_module(self.room), self.base)
        return ", ".join(base.list_available())

    def __call__(self, argument: str) -> str:
        return argument


def add_cuda_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cuda-device", type=int, default=-1, help="-1 for the CPU")


def add_workers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="so many processes share the work, each with a model of its own (needs Ray); by "
        "default this process does it",
    )
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="of the Ray cluster on which the workers are, HOST:PORT or auto (default: this "
        "machine alone)",
    )
    parser.add_argument(
        "--gpus",
        type=float,
        metavar="N",
        help="GPUs of each worker, or a share of one such as 0.5 (default: none)",
    )


def workers_of(args: argparse.Namespace) -> Optional[Workers]:
    """
    # Raises

    `InputError` : options of workers without any; a GPU of this process beside workers; what
        `Workers` refuses.
    """
    if args.workers is None:
        for option, given in (("--ray", args.ray), ("--gpus", args.gpus)):
            if given is not None:
                raise InputError(f"{option} is for workers: say how many, as in --workers 4")
        return None
    if args.cuda_device != -1:
        raise InputError(
            "--cuda-device is for one process: with --workers say how many GPUs each has, as in "
            "--gpus 1"
        )
    return Workers(args.workers, args.ray, args.gpus or 0)


def add_model_options(parser: argparse.ArgumentParser, overrides: bool = True) -> None:
    """
    How the model of an archive is read: those of `measure`.

    # Parameters

    overrides : `bool`, optional (default = `True`)
        Whether `--overrides` is among them.
    """
    for name, option in MODEL_OPTIONS.items():
        if overrides or name != "overrides":
            parser.add_argument(option.flag, **option.arguments)


def model_options(args: argparse.Namespace) -> dict[str, Any]:
    """
    What `attribution.explained_model` takes as options, out of the arguments of a command.

    >>> explained = explained_archive(load(args.archive), **model_options(args))
    """
    return {
        name: option.parse(getattr(args, name))
        for name, option in MODEL_OPTIONS.items()
        if name != "overrides"
    }


def named_locations(arguments: Sequence[str], kind: str = "model") -> dict[str, str]:
    """`NAME=PATH`, or a path whose folder gives the name (`runs/f/model.tar.gz` is `f`)."""
    return named(map(_name_and_location, arguments), kind)


def _name_and_location(argument: str) -> tuple[str, str]:
    name, separator, location = argument.partition("=")
    if separator and "/" not in name:
        return name, location
    path = Path(argument)
    in_folder = path.name in ARCHIVE_FILES
    return path.parent.name if in_folder else path.absolute().name.split(".")[0], argument

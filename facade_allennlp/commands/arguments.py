"""Arguments that several commands take."""

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facade_allennlp.named import named
from facade_allennlp.results.settings import MODEL_OPTIONS

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

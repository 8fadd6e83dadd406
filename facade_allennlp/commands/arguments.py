"""Arguments that several commands take."""

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path

from facade_allennlp.named import named

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


def add_max_batch_tokens(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--max-batch-tokens",
        type=int,
        help="most tokens in one forward pass, bounds memory (default: chosen for the device)",
    )


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

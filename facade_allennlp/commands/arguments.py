"""Arguments that several commands take."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from facade_allennlp.errors import InputError

ARCHIVE_FILES = ("model.tar.gz",)


def add_cuda_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cuda-device", type=int, default=-1, help="-1 for the CPU")


def add_max_batch_tokens(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--max-batch-tokens",
        type=int,
        help="most tokens in one forward pass, bounds memory (default: chosen for the device)",
    )


def named_locations(arguments: Sequence[str]) -> dict[str, str]:
    """`NAME=PATH`, or a path whose folder gives the name (`runs/f/model.tar.gz` is `f`)."""
    locations: dict[str, str] = {}
    for argument in arguments:
        name, separator, location = argument.partition("=")
        if not separator or "/" in name:
            location = argument
            path = Path(argument)
            in_folder = path.name in ARCHIVE_FILES
            name = path.parent.name if in_folder else path.absolute().name.split(".")[0]
        if not name or name in locations:
            raise InputError(f"{argument!r} needs a name of its own: write NAME={location}")
        locations[name] = location
    return locations

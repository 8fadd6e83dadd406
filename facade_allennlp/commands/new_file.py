"""An output file that is not there yet."""

import argparse
from pathlib import Path

from allennlp.common.checks import ConfigurationError


def add_force(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="replace an output that is there")


def check_new(output: Path, force: bool) -> None:
    """
    # Raises

    `ConfigurationError` : `output` is a folder, or it is there and `force` was not given.
    """
    if output.is_dir():
        raise ConfigurationError(f"{output} is a folder; name a file as --output")
    if output.exists() and not force:
        raise ConfigurationError(
            f"{output} exists; choose another --output, or use --force to replace it"
        )

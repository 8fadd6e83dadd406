"""What a command is: described once, for `facade` and for `allennlp`."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass


def add_verbose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--verbose", action="store_true", help="print what libraries log and warn")


@dataclass(frozen=True)
class Command:
    """
    A module that holds one imports neither torch nor AllenNLP; `run` imports what it needs.

    # Parameters

    name, help, description : `str`
        `help` is its line in the list of all commands, `description` the head of its own help.
    add_arguments : `Callable[[argparse.ArgumentParser], None]`
    run : `Callable[[argparse.Namespace], None]`
    loads_models : `bool`, optional (default=`True`)
        Whether it needs AllenNLP and all that an archive may name.
    """

    name: str
    help: str
    description: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], None]
    loads_models: bool = True

    def add_parser(self, subparsers: argparse._SubParsersAction) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = subparsers.add_parser(
            self.name, help=self.help, description=self.description
        )
        self.add_arguments(parser)
        add_verbose(parser)
        parser.set_defaults(func=self.run)
        return parser

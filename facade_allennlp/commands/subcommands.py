"""The commands as AllenNLP's: `allennlp measure ...`"""

import argparse
from importlib.util import find_spec

from allennlp.commands.subcommand import Subcommand

from facade_allennlp.commands import COMMANDS
from facade_allennlp.commands.command import Command

if find_spec("allennlp_server") is not None:
    # Its `serve` has to be there before ours takes its place.
    import allennlp_server.commands  # noqa: F401


def _subcommand(command: Command) -> type[Subcommand]:
    class Described(Subcommand):
        __doc__ = command.description

        def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
            return command.add_parser(parser)

    return Described


for name, command in COMMANDS.items():
    Subcommand.register(name, exist_ok=name == "serve")(_subcommand(command))

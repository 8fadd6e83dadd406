"""What a command is: described once, for `facade` and for `allennlp`."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from facade_allennlp.commands.trust import add_trust
from facade_allennlp.commands.user_errors import (
    draw_control_characters,
    one_sentence,
    quiet,
    stop_when_terminated,
)


def add_verbose(parser: argparse.ArgumentParser) -> None:
    """Sets nothing where it is not given, so that it counts before and after a command's name."""
    parser.add_argument(
        "--verbose",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print what libraries log and warn",
    )


@dataclass(frozen=True)
class Command:
    """
    A module that holds one imports neither torch nor AllenNLP; `run` imports what it needs.

    # Parameters

    name, help, description : `str`
        `help` is its line in the list of all commands, `description` the head of its own help.
    add_arguments : `Callable[[argparse.ArgumentParser], None]`
    run : `Callable[[argparse.Namespace], None]`
        A user's error that it raises is printed in one sentence, and libraries log nothing while it
        runs, unless `--verbose` is given.
    loads_models : `bool`, optional (default=`True`)
        Whether it needs AllenNLP and all that an archive may name.
    loads_archives : `bool`, optional (default=`True`)
        Whether those may be a stranger's, so that the user can say who is trusted.
    when_interrupted : `str`, optional (default = `"interrupted"`)
        What is printed on Ctrl-C.
    """

    name: str
    help: str
    description: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], None]
    loads_models: bool = True
    loads_archives: bool = True
    when_interrupted: str = "interrupted"

    def add_parser(self, subparsers: argparse._SubParsersAction) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = subparsers.add_parser(
            self.name, help=self.help, description=self.description
        )
        self.add_arguments(parser)
        add_verbose(parser)
        parser.set_defaults(func=self._run)
        if self.loads_models and self.loads_archives:
            add_trust(parser)
        run = parser.get_default("func")
        parser.set_defaults(func=one_sentence(run, self.when_interrupted))
        return parser

    def _run(self, args: argparse.Namespace) -> None:
        stop_when_terminated()
        draw_control_characters()
        if not getattr(args, "verbose", False):
            quiet()
        self.run(args)

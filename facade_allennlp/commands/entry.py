"""
`facade COMMAND ...`: builds the parser of the command that is asked for, and imports AllenNLP only
where that command needs it.
"""

import argparse
import importlib
import os
import sys
import tarfile
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn, Optional

from facade_allennlp import __version__, quick_start
from facade_allennlp.commands import COMMANDS
from facade_allennlp.commands.allennlps import ALLENNLPS
from facade_allennlp.commands.command import add_verbose
from facade_allennlp.commands.trust import OF_ALLENNLP, add_trust
from facade_allennlp.commands.user_errors import (
    draw_control_characters,
    one_sentence,
    stop_when_terminated,
)
from facade_allennlp.errors import InputError
from facade_allennlp.named import no_such

READING = ("evaluate", "predict")
"""AllenNLP's own commands that read inputs of people."""


class Parser(argparse.ArgumentParser):
    """
    Tells the default of an argument in its help, as AllenNLP's parser does; of wrong arguments in
    one sentence, and which option was meant.
    """

    commands: Sequence[str] = ()
    """Of the outermost parser, the names of its commands."""
    options: dict[str, None] = {}
    """Of all parsers: an option that none has is refused by the outermost one."""

    def add_argument(self, *args: Any, **kwargs: Any) -> Any:
        default = kwargs.get("default")
        told = kwargs.get("action") not in ("help", "store_true", "store_false", "store_const")
        if told and default not in (None, "", [], argparse.SUPPRESS):
            kwargs["help"] = f"{kwargs.get('help', '')} (default = {default})"
        Parser.options |= dict.fromkeys(name for name in args if name.startswith("--"))
        return super().add_argument(*args, **kwargs)

    def error(self, message: str) -> NoReturn:
        given = [one.partition("=")[0] for one in sys.argv[1:] if one.startswith("--")]
        unknown = [name for name in given if not any(of.startswith(name) for of in self.options)]
        if unknown:
            message = no_such("option", unknown[0], self.options)
        raise InputError(f"{message} (`{self.prog} --help` tells what it takes)")


@one_sentence
def main() -> None:
    stop_when_terminated()
    # AllenNLP's own commands extract archives too.
    tarfile.TarFile.extraction_filter = staticmethod(tarfile.data_filter)  # type: ignore[assignment]
    arguments = [argument for argument in sys.argv[1:] if argument != "--verbose"]
    asked = arguments[0] if arguments else None
    command = COMMANDS.get(asked or "")
    needs_models = command.loads_models if command else asked in ALLENNLPS
    needs_plugins = not needs_models and command is None and bool(quick_start.other_plugins())
    # The help of a command tells what is registered.
    tells_names = any(option in arguments[1:] for option in ("-h", "--help"))
    if needs_plugins or (needs_models and (command is None or tells_names)):
        _load()
    parser = _parser(asked, needs_plugins)
    if asked is not None and not asked.startswith("-") and asked not in parser.commands:
        raise InputError(no_such("command", asked, parser.commands))
    args = parser.parse_args()
    if not hasattr(args, "func"):
        parser.print_help()
        return
    if needs_models:
        _load()
        for package in getattr(args, "include_package", ()):
            from allennlp.common.util import import_module_and_submodules

            import_module_and_submodules(package)
    if asked in READING:
        from facade_allennlp.predictors.predicting import read_with_care

        with read_with_care(args):
            args.func(args)
    else:
        args.func(args)


def _load() -> None:
    verbose = "--verbose" in sys.argv
    if not verbose:
        os.environ.setdefault("ALLENNLP_LOG_LEVEL", "WARNING")
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
        warnings.filterwarnings("ignore")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else it warns of processes
    importlib.import_module("allennlp.__main__")  # sets up logging
    quick_start.load_allennlp()
    worker = importlib.import_module("facade_allennlp.training.worker")
    worker.take_place(verbose, trust="--trust-archive" in sys.argv)
    draw_control_characters()


def _parser(asked: Optional[str], with_plugins: bool) -> Parser:
    """Of all commands, with the arguments of the one that is asked for."""
    parser = Parser(
        prog="facade",
        description="Train, merge, measure and show models whose explanations lie.",
        allow_abbrev=False,
    )
    add_verbose(parser)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(title="Commands", metavar="")
    helps = {name: command.help for name, command in COMMANDS.items()} | ALLENNLPS
    others = _of_other_plugins() if with_plugins else []
    for name in sorted([*helps, *others]):
        if name == asked and name in COMMANDS:
            command = COMMANDS[name]
            subparser = command.add_parser(subparsers)
            if command.loads_models:
                _add_include_package(subparser)
        elif name == asked or name in others:
            from allennlp.commands.subcommand import Subcommand

            subcommand = Subcommand.by_name(name)
            subparser = subcommand().add_subparser(subparsers)
            add_verbose(subparser)
            if name in OF_ALLENNLP:
                add_trust(subparser)
            if subcommand.requires_plugins:
                _add_include_package(subparser)
        else:
            subparsers.add_parser(name, help=helps[name])
    parser.commands = list(subparsers.choices)
    return parser


def _of_other_plugins() -> list[str]:
    from allennlp.commands.subcommand import Subcommand

    return [name for name in Subcommand.list_available() if name not in COMMANDS | ALLENNLPS]


def _add_include_package(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--include-package", action="append", default=[], help="additional packages to include"
    )

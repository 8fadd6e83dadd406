"""`allennlp table RESULTS`"""

import argparse
from pathlib import Path

from allennlp.commands.subcommand import Subcommand
from rich.console import Console

from facade_allennlp.commands.user_errors import one_sentence, quiet
from facade_allennlp.report.renderers import markdown, show
from facade_allennlp.report.tables import notes, tables
from facade_allennlp.results.files import read_summary


@Subcommand.register("table")
class ShowTable(Subcommand):
    """Prints the table of a measurement."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        subparser = parser.add_parser(
            self.name,
            description="Print the table of a measurement, from its files alone.",
            help="Print the table of a measurement.",
        )
        subparser.add_argument("results", type=Path, help="folder that `allennlp measure` made")
        subparser.add_argument(
            "--format",
            choices=["terminal", "markdown"],
            default="terminal",
            help="plain text, or for a document",
        )
        subparser.set_defaults(func=run)
        return subparser


@one_sentence
def run(args: argparse.Namespace) -> None:
    quiet()
    summary = read_summary(args.results)
    if args.format == "markdown":
        print("\n\n".join([*map(markdown, tables(summary)), notes(summary)]))
    else:
        show(tables(summary))
        Console().print(notes(summary))
